--- Accepting a suggestion, or a part of it, as if it had been typed.
---
--- The text goes through insert mode's own keys: so it is repeated by `.`, and undone in one step.
local client = require('firsthand.client')
local suggestion = require('firsthand.suggestion')
local text = require('firsthand.text')

local M = {}

-- What would change a text while it is typed.
local OFF = {
  autoindent = false,
  cindent = false,
  formatoptions = '',
  indentexpr = '',
  smartindent = false,
  textwidth = 0,
  wrapmargin = 0,
}

---@class firsthand.Accepted
---@field buffer integer
---@field id integer
---@field lines string[]
---@field characters integer
---@field options table<string, any> those of the buffer, while it is typed
---@type firsthand.Accepted?
local accepted

---@type table<string, fun(rest: string): string>
local PARTS = {
  all = function(rest)
    return rest
  end,
  word = text.word,
  line = text.line,
}

--- The keys that accept a part of what is on the screen; nil where there is nothing.
---@param part 'all'|'word'|'line'
---@return string?
function M.keys(part)
  local rest, tail, item = suggestion.shown()
  if not rest or not item then
    return nil
  end
  local taken = PARTS[part](rest)
  -- A part of a text that takes the place of another leaves that one where it is.
  local replaced = taken == rest and tail or ''
  accepted = {
    buffer = vim.api.nvim_get_current_buf(),
    id = item.id,
    lines = vim.split(taken, '\n', { plain = true }),
    characters = vim.fn.strchars(taken),
    options = {},
  }
  local typed = {}
  for number in ipairs(accepted.lines) do
    typed[number] = ('<C-r><C-r>=v:lua.require("firsthand.accept")._line(%d)<CR>'):format(number)
  end
  local keys = '<C-g>u<Cmd>lua require("firsthand.accept")._begin()<CR>'
    .. ('<Del>'):rep(vim.fn.strchars(replaced))
    .. table.concat(typed, '<CR>')
    .. '<Cmd>lua require("firsthand.accept")._finish()<CR>'
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

--- Accept a part of what is on the screen.
---@param part 'all'|'word'|'line'
---@return boolean whether there was something
function M.accept(part)
  local keys = M.keys(part)
  if keys then
    vim.api.nvim_feedkeys(keys, 'in', false)
  end
  return keys ~= nil
end

function M._begin()
  for name, value in pairs(OFF) do
    accepted.options[name] = vim.bo[name]
    vim.bo[name] = value
  end
end

function M._line(number)
  return accepted.lines[number]
end

function M._finish()
  for name, value in pairs(accepted.options) do
    vim.bo[accepted.buffer][name] = value
  end
  suggestion.advance()
  local argument = { id = accepted.id, characters = accepted.characters }
  client.execute(accepted.buffer, 'accepted', argument)
end

return M
