--- The language server: started for a folder, attached to buffers, asked, and started anew.
local config = require('firsthand.config')

local M = {}

local NAME = 'firsthand'
local INLINE = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2
-- Seconds before a server that died is started anew; after the last of them it stays away.
local AGAIN = { 1, 2, 4, 8, 15 }
-- Seconds after which a server that lives has recovered.
local SOUND = 60
-- Seconds in which a server answers a key, however busy the machine is.
local HEARD = 2

---@class firsthand.Client.State
---@field crashes integer since it was last sound
---@field said table<string, boolean> sentences the person had already
---@field status table<string, any> what the server said last of itself
---@field stopped boolean? the person wants no server
---@field since integer? when the server was ready, in milliseconds
---@field left table<integer, boolean> buffers that a server left behind by dying
---@field started table<integer, boolean> the clients whose servers have not ended
---@field asked table<integer, integer> by client, when a key asked first what nothing answered yet, in milliseconds
local state = { crashes = 0, said = {}, status = {}, left = {}, started = {}, asked = {} }

---@return table<string, any>
function M.status()
  return state.status
end

--- Tell the person something once.
---@param sentence string
---@param level integer?
function M.say_once(sentence, level)
  if not state.said[sentence] then
    state.said[sentence] = true
    vim.notify('Firsthand: ' .. sentence, level or vim.log.levels.WARN)
  end
end

--- Whether a buffer is a file that somebody edits.
---@param buffer integer
---@return boolean
function M.eligible(buffer)
  return vim.api.nvim_buf_is_loaded(buffer)
    and vim.bo[buffer].buftype == ''
    and vim.bo[buffer].modifiable
    and not vim.bo[buffer].readonly
    and vim.api.nvim_buf_get_name(buffer) ~= ''
    and not vim.api.nvim_buf_get_name(buffer):match('^%a[%w+.-]+://')
end

--- The server of a buffer, if it has one that is ready.
---@param buffer integer
---@return vim.lsp.Client?
function M.of(buffer)
  local client = vim.lsp.get_clients({ name = NAME, bufnr = buffer })[1]
  return client and client.initialized and client or nil
end

--- Tell whoever shows it that the status changed.
function M.changed()
  vim.api.nvim_exec_autocmds('User', { pattern = 'FirsthandStatus', modeline = false })
end

--- Say that there is no server to ask.
function M.no_server()
  vim.notify('Firsthand: no server runs for this file; :checkhealth firsthand says why.', vim.log.levels.WARN)
end

local function on_status(_, status)
  state.status = status
  if status.level ~= 'off' then
    state.since = state.since or vim.uv.now()
  end
  M.changed()
end

local function on_refresh(_, params, context)
  require('firsthand.typing').refresh(params, context.client_id)
end

local function on_proposal(_, params, context)
  require('firsthand.review').take(context.client_id, params)
end

local function on_edit(_, params, context)
  return require('firsthand.edit').apply(params, context.client_id)
end

local function on_hints(...)
  return require('firsthand.marks').refresh(...)
end

local function on_message(_, params)
  local message = params.message
  if not vim.startswith(message, 'Firsthand') then
    message = 'Firsthand: ' .. message
  end
  vim.notify(message, vim.log.levels[({ 'ERROR', 'WARN', 'INFO', 'DEBUG' })[params.type] or 'INFO'])
end

local function on_exit(code, signal, id)
  state.status = {}
  state.started[id], state.asked[id] = nil, nil
  M.changed()
  if require('firsthand.escalation').gone(id) then
    vim.notify(
      'Firsthand: the server ended in the middle of an escalation; nothing was changed: ask again.',
      vim.log.levels.WARN
    )
  end
  local lived = state.since and vim.uv.now() - state.since or 0
  state.since = nil
  if state.stopped or vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) then
    return
  end
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    state.left[buffer] = true
  end
  state.crashes = lived > 1000 * SOUND and 1 or state.crashes + 1
  local seconds = AGAIN[state.crashes]
  if not seconds then
    return M.say_once(
      'the server ended again and again and stays away; :checkhealth firsthand says more, :Firsthand start tries anew.',
      vim.log.levels.ERROR
    )
  end
  vim.defer_fn(function()
    if not state.stopped then
      M.attach_all()
    end
  end, 1000 * seconds)
end

--- Start the server for a buffer, or attach the one that its folder has.
---@param buffer integer
function M.attach(buffer)
  if not M.eligible(buffer) or M.of(buffer) then
    return
  end
  local options = config.options
  if vim.fn.executable(options.cmd[1]) == 0 then
    return M.say_once(
      ('"%s" is not on your PATH: install it with pipx, or name it in setup{ cmd }.'):format(options.cmd[1])
    )
  end
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  capabilities.textDocument.inlineCompletion = { dynamicRegistration = false }
  -- Our own handler of edits looks at the version that one is for.
  capabilities.workspace.workspaceEdit = { documentChanges = true }
  local init = vim.tbl_extend('force', vim.deepcopy(options.settings), {
    client = { name = 'firsthand.nvim', refresh = 'extend', proposals = true },
  })
  local id = vim.lsp.start({
    name = NAME,
    cmd = options.cmd,
    root_dir = vim.fs.root(buffer, options.root_markers),
    capabilities = capabilities,
    init_options = init,
    -- A key's change goes to the server before its question does.
    flags = { debounce_text_changes = 0 },
    handlers = {
      ['firsthand/status'] = on_status,
      ['firsthand/refresh'] = on_refresh,
      ['firsthand/proposal'] = on_proposal,
      ['workspace/applyEdit'] = on_edit,
      ['window/showMessage'] = on_message,
      ['workspace/inlayHint/refresh'] = on_hints,
    },
    on_init = function(server)
      require('firsthand.marks').attached(server)
    end,
    on_exit = vim.schedule_wrap(on_exit),
  }, { bufnr = buffer, silent = true })
  if id then
    state.started[id] = true
  end
end

--- Tell the server what a buffer holds, where Neovim no longer does.
---
--- It stops to report changes of a buffer that is changed while no server runs, and does not begin
--- anew for the next one.
---@param client vim.lsp.Client
---@param buffer integer
local function report(client, buffer)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  if not state.left[buffer] or vim.lsp.util.buf_versions[buffer] == tick then
    return
  end
  vim.lsp.util.buf_versions[buffer] = tick
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buffer), version = tick },
    contentChanges = { { text = table.concat(lines, '\n') .. '\n' } },
  }
  M.notify(client, 'textDocument/didChange', params)
end

--- Ask for completions at the cursor of the current window.
---@param buffer integer
---@param explicit boolean whether the person asked, and not their typing
---@param answer fun(items: table[]?, client: vim.lsp.Client) hears the items; nil when a newer
---  question took over
---@return boolean asked
function M.ask(buffer, explicit, answer)
  local client = M.of(buffer)
  if not client then
    return false
  end
  report(client, buffer)
  if not explicit then
    state.asked[client.id] = state.asked[client.id] or vim.uv.now()
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = explicit and INVOKED or AUTOMATIC }
  return M.request(client, INLINE, params, function(fault, result)
    state.asked[client.id] = nil
    if not fault and type(result) == 'table' then
      answer(result.items or result, client)
    else
      answer(nil, client)
    end
  end, buffer)
end

--- Send a notification.
---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

--- Send a request.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param handler fun(fault: table?, result: any)
---@param buffer integer?
---@return boolean sent
function M.request(client, method, params, handler, buffer)
  if vim.fn.has('nvim-0.11') == 1 then
    return (client:request(method, params, handler, buffer))
  end
  return (client.request(method, params, handler, buffer))
end

--- Run one of the server's commands.
---@param client vim.lsp.Client
---@param command string
---@param argument table
---@param handler fun(result: any)?
---@param buffer integer?
---@return boolean sent
function M.run(client, command, argument, handler, buffer)
  local params = { command = 'firsthand.' .. command, arguments = { argument } }
  return M.request(client, 'workspace/executeCommand', params, function(fault, result)
    if fault then
      M.say_once(fault.message)
    elseif handler then
      handler(result)
    end
  end, buffer)
end

--- Run one of the server's commands for a buffer.
---@param buffer integer
---@param command string
---@param argument table
---@param handler fun(result: any)?
---@return boolean sent
function M.execute(buffer, command, argument, handler)
  local client = M.of(buffer) or vim.lsp.get_clients({ name = NAME })[1]
  return client ~= nil and M.run(client, command, argument, handler, buffer)
end

--- Tell the servers that run what the person's settings are now.
function M.configure()
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    local settings = vim.tbl_extend('force', vim.empty_dict(), config.options.settings)
    M.notify(client, 'workspace/didChangeConfiguration', { settings = { firsthand = settings } })
  end
end

--- Whether a server does not answer, so that asking it to end would do nothing.
---@param client vim.lsp.Client
---@return boolean
local function hangs(client)
  local asked = state.asked[client.id]
  return not client.initialized or (asked ~= nil and vim.uv.now() - asked > 1000 * HEARD)
end

---@param client vim.lsp.Client
local function stop(client)
  local force = hangs(client)
  if vim.fn.has('nvim-0.11') == 1 then
    client:stop(force)
  else
    client.stop(force)
  end
end

--- End every server, without starting it anew.
function M.stop()
  state.stopped = true
  for id in pairs(state.started) do
    local client = vim.lsp.get_client_by_id(id)
    if client then
      stop(client)
    end
  end
  state.status = {}
end

--- Neovim ends, and would leave a server behind that does not answer: it asks the others to end.
function M.leave()
  for id in pairs(state.started) do
    local client = vim.lsp.get_client_by_id(id)
    if client and hangs(client) then
      stop(client)
    end
  end
end

--- Start the server for the buffers that are shown or loaded.
function M.start()
  state.stopped, state.crashes = false, 0
  M.attach_all()
end

--- Attach every buffer that is loaded and completed.
function M.attach_all()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(buffer)
  end
end

return M
