--- Firsthand in Neovim: ghost text while you type, from a language server of its own.
local client = require('firsthand.client')
local config = require('firsthand.config')

local M = {}

--- Begin to complete. May be called again with other options.
---@param options firsthand.Config?
function M.setup(options)
  for _, fault in ipairs(config.set(options)) do
    vim.notify('Firsthand: ' .. fault, vim.log.levels.WARN)
  end
  require('firsthand.keys').map(config.options.keys)
  vim.api.nvim_set_hl(0, 'FirsthandGhost', { link = 'Comment', default = true })
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
  on({ 'ColorScheme' }, function()
    vim.api.nvim_set_hl(0, 'FirsthandGhost', { link = 'Comment', default = true })
  end)
  on({ 'InsertEnter' }, function()
    if not config.options.silent then
      require('firsthand.others').notice()
    end
  end)
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
  if status.thinking then
    words[#words + 1] = '…'
  end
  return table.concat(words, ' ')
end

return M
