--- Escalations: asked by a command, followed while they run, cancelled.
local client = require('firsthand.client')
local text = require('firsthand.text')

local M = {}

local TOKEN = '^firsthand%.escalate%.'

---@class firsthand.Running
---@field client integer the server's
---@field token string names it to the server
---@field message string what is done now

---@type table<string, firsthand.Running> by the server and the token
local running = {}
-- The window that shows what runs, while something does.
---@type integer?
local window

local function close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

--- Show what runs in the corner, where it takes neither a key nor a line of code.
local function draw()
  local lines = vim.tbl_map(function(each)
    return ' Firsthand: ' .. each.message .. ' ·  :Firsthand cancel '
  end, vim.tbl_values(running))
  if #lines == 0 then
    return close()
  end
  local width = math.max(1, unpack(vim.tbl_map(vim.fn.strdisplaywidth, lines)))
  local place = {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = math.min(width, vim.o.columns),
    height = #lines,
    style = 'minimal',
    focusable = false,
    zindex = 60,
  }
  if not (window and vim.api.nvim_win_is_valid(window)) then
    local buffer = vim.api.nvim_create_buf(false, true)
    vim.bo[buffer].bufhidden = 'wipe'
    window = vim.api.nvim_open_win(buffer, false, vim.tbl_extend('error', place, { noautocmd = true }))
  else
    vim.api.nvim_win_set_config(window, place)
  end
  vim.api.nvim_buf_set_lines(vim.api.nvim_win_get_buf(window), 0, -1, false, lines)
end

--- A server said how far something is.
---@param id integer the client's
---@param params { token: string|integer, value: table }
function M.progress(id, params)
  local token, value = params.token, params.value
  if type(token) ~= 'string' or not token:match(TOKEN) or type(value) ~= 'table' then
    return
  end
  local key = id .. ' ' .. token
  if value.kind == 'end' then
    running[key] = nil
  else
    local before = running[key] and running[key].message or ''
    running[key] = { client = id, token = token, message = value.message or before }
  end
  draw()
  client.changed()
end

--- A server is gone: nothing that it did will end.
---@param id integer the client's
---@return boolean any whether it did something
function M.gone(id)
  local any = false
  for key, each in pairs(running) do
    if each.client == id then
      running[key], any = nil, true
    end
  end
  if any then
    draw()
  end
  return any
end

--- What runs, in a few words; empty where nothing does.
---@return string
function M.doing()
  local _, first = next(running)
  return first and first.message or ''
end

--- Cancel all that runs.
---@return boolean any
function M.cancel()
  local any = false
  for _, each in pairs(running) do
    any = true
    local lsp = vim.lsp.get_client_by_id(each.client)
    if lsp then
      client.notify(lsp, 'window/workDoneProgress/cancel', { token = each.token })
    end
  end
  return any
end

--- Whether the cursor stands on the last character of its line: in normal mode what is to be written
--- there comes after it.
---@param line string
---@return boolean
function M.at_end(line)
  local column = vim.api.nvim_win_get_cursor(0)[2]
  return column + #vim.fn.strcharpart(line:sub(column + 1), 0, 1) >= #line
end

--- The place that is asked about: whole lines, or the cursor.
---@param first integer? counted from 1
---@param last integer?
---@param encoding string
---@return table range
local function range(first, last, encoding)
  if first and last then
    return { start = { line = first - 1, character = 0 }, ['end'] = { line = last, character = 0 } }
  end
  local position = vim.lsp.util.make_position_params(0, encoding).position
  local line = vim.api.nvim_get_current_line()
  if M.at_end(line) then
    position = { line = position.line, character = text.units(line, encoding) }
  end
  return { start = position, ['end'] = position }
end

--- Begin to insert where text waits as ghost text.
---@param buffer integer
---@param tick integer the buffer's changes when it was asked
---@param cursor integer[] where
local function show(buffer, tick, cursor)
  local here = vim.api.nvim_get_current_buf() == buffer
    and vim.api.nvim_buf_get_changedtick(buffer) == tick
    and vim.deep_equal(vim.api.nvim_win_get_cursor(0), cursor)
  local mode = vim.api.nvim_get_mode().mode
  if not here or mode ~= 'n' then
    return
  end
  vim.cmd(M.at_end(vim.api.nvim_get_current_line()) and 'startinsert!' or 'startinsert')
end

---@param instruction string
---@param first integer?
---@param last integer?
---@param way string? "first", "panel" or "auto"; "preview" shows what would be sent, and sends nothing
local function ask(instruction, first, last, way)
  local buffer = vim.api.nvim_get_current_buf()
  local lsp = client.of(buffer)
  if not lsp then
    return client.no_server()
  end
  local tick, cursor = vim.api.nvim_buf_get_changedtick(buffer), vim.api.nvim_win_get_cursor(0)
  local argument = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    range = range(first, last, lsp.offset_encoding),
    instruction = instruction,
    strategy = way ~= 'preview' and way or nil,
    preview = way == 'preview' or nil,
  }
  -- A sentence why there is nothing is shown by the server itself.
  client.execute(buffer, 'escalate', argument, function(answer)
    if type(answer) ~= 'table' then
      return
    elseif answer.shown then
      show(buffer, tick, cursor)
    elseif answer.preview then
      for _, each in ipairs(answer.preview) do
        each.body = vim.json.decode(each.body)
      end
      require('firsthand.commands').show('what would be sent', answer.preview)
    end
  end)
end

--- Ask the strongest model about lines, or for what belongs at the cursor.
---@param instruction string what to do; asked for where it is empty
---@param first integer? the first line, counted from 1; the cursor where there is none
---@param last integer?
---@param way string? "first", "panel" or "auto"; "preview" shows what would be sent, and sends nothing
function M.ask(instruction, first, last, way)
  if instruction ~= '' then
    return ask(instruction, first, last, way)
  end
  local prompt = first and 'Firsthand, what to do with these lines (nothing: finish them): '
    or 'Firsthand, what to write here (nothing: what belongs here): '
  vim.ui.input({ prompt = prompt }, function(given)
    if given then
      ask(given, first, last, way)
    end
  end)
end

return M
