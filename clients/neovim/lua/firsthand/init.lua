--- Firsthand in Neovim: ghost text while you type, from a language server of its own.
local client = require('firsthand.client')
local config = require('firsthand.config')
local marks = require('firsthand.marks')

local M = {}

--- Begin to complete. May be called again with other options.
---@param options firsthand.Config?
function M.setup(options)
  for _, fault in ipairs(config.set(options)) do
    vim.notify('Firsthand: ' .. fault, vim.log.levels.WARN)
  end
  require('firsthand.keys').map(config.options.keys)
  vim.api.nvim_set_hl(0, 'FirsthandGhost', { link = 'Comment', default = true })
  marks.colour()
  local group = vim.api.nvim_create_augroup('firsthand', {})
  local function on(events, what)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      callback = function(event)
        what(event.buf)
      end,
    })
  end
  on({ 'FileType', 'BufWinEnter', 'BufFilePost' }, client.attach)
  on({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, function()
    require('firsthand.typing').moved()
  end)
  on({ 'DiagnosticChanged' }, function(buffer)
    require('firsthand.diagnostics').report(buffer)
  end)
  on({ 'InsertLeave', 'BufLeave' }, function()
    require('firsthand.typing').left()
  end)
  on({ 'VimLeavePre' }, client.leave)
  on({ 'ColorScheme' }, function()
    vim.api.nvim_set_hl(0, 'FirsthandGhost', { link = 'Comment', default = true })
    marks.colour()
  end)
  on({ 'TextChanged', 'TextChangedI', 'TextChangedP', 'BufWinEnter' }, marks.changed)
  on({ 'InsertEnter' }, function()
    vim.schedule(require('firsthand.typing').entered) -- by then the cursor is where one types
    if not config.options.silent then
      require('firsthand.others').notice()
    end
  end)
  vim.api.nvim_create_autocmd('LspProgress', {
    group = group,
    callback = function(event)
      require('firsthand.escalation').progress(event.data.client_id, event.data.params)
    end,
  })
  client.configure()
  client.start()
end

--- Accept all of the suggestion, a word or a line of it.
---@param part ('all'|'word'|'line')?
---@return boolean whether there was one
function M.accept(part)
  return require('firsthand.accept').accept(part or 'all')
end

--- Show the next suggestion for the cursor, or the first one where none is shown.
function M.next()
  require('firsthand.typing').cycle(1)
end

--- Show the suggestion before.
function M.previous()
  require('firsthand.typing').cycle(-1)
end

--- Take the suggestion off the screen until the next key.
function M.dismiss()
  require('firsthand.typing').dismiss()
end

--- Whether a suggestion is on the screen.
---@return boolean
function M.visible()
  return require('firsthand.suggestion').shown() ~= nil
end

--- Ask the strongest model about lines, or for what belongs at the cursor.
---@param instruction string? what to do; asked for where it is not said
---@param first integer? counted from 1
---@param last integer?
function M.escalate(instruction, first, last)
  require('firsthand.escalation').ask(instruction or '', first, last)
end

--- Cancel what the strongest model is asked.
---@return boolean whether there was something
function M.cancel()
  return require('firsthand.escalation').cancel()
end

--- Show the proposal that waits.
function M.review()
  require('firsthand.review').show()
end

--- The tier that completes and what is going on, for a statusline; empty where there is no server.
---@return string
function M.statusline()
  local status = client.status()
  if not status.level then
    return ''
  end
  local words = { status.level == 'inline' and status.model ~= '' and status.model or status.level }
  if type(status.indexing) == 'table' then
    words[#words + 1] = ('learning %d/%d'):format(status.indexing.done, status.indexing.total)
  end
  local doing = require('firsthand.escalation').doing()
  if doing ~= '' then
    words[#words + 1] = 'escalation: ' .. doing
  elseif status.thinking then
    words[#words + 1] = '…'
  end
  return table.concat(words, ' ')
end

return M
