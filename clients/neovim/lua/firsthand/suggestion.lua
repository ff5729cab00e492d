--- What is suggested at the cursor, and its ghost text on the screen. There is one at a time.
local text = require('firsthand.text')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('firsthand')
local HIGHLIGHT = 'FirsthandGhost'

---@class firsthand.Item
---@field id integer the server's name for it
---@field whole string all that it inserts
---@field start { [1]: integer, [2]: integer } row and byte where it begins, counted from 0
---@field tail string what it replaces right of the cursor

---@class firsthand.Suggestion
---@field buffer integer
---@field items firsthand.Item[]
---@field index integer which of them is on the screen
---@field right string what stands right of the cursor
---@field asked boolean whether the person asked for it, so that all its items are there

---@type firsthand.Suggestion?
local current
-- Where marks were drawn last, and how many.
---@type { buffer: integer?, count: integer }
local drawn = { count = 0 }

local function cursor()
  local place = vim.api.nvim_win_get_cursor(0)
  return place[1] - 1, place[2]
end

--- A text with its tabs as the spaces that they look like at the beginning of a line.
---@param string_ string
---@return string
local function untabbed(string_)
  local stop = vim.bo.tabstop
  return (string_:gsub('\t', (' '):rep(stop)))
end

--- What is left of an item at the cursor; nil where the buffer contradicts it.
---@param suggestion firsthand.Suggestion
---@param item firsthand.Item
---@return string?
local function rest(suggestion, item)
  local row, column = cursor()
  local first, from = item.start[1], item.start[2]
  if row < first or (row == first and column < from) then
    return nil
  end
  local typed = vim.api.nvim_buf_get_text(suggestion.buffer, first, from, row, column, {})
  local rest = text.rest(item.whole, table.concat(typed, '\n'))
  return rest and text.pieces(item.tail, rest) and rest
end

---@return firsthand.Item?
local function item(buffer, given, encoding, row, column)
  local range = given.range
  local whole = type(given.insertText) == 'table' and given.insertText.value or given.insertText
  local arguments = given.command and given.command.arguments or {}
  local id = (arguments[1] or {}).id or 0
  if not range then
    return { id = id, whole = whole, start = { row, column }, tail = '' }
  end
  local first = range.start.line
  if first > row or range['end'].line ~= row then
    return nil
  end
  local above = vim.api.nvim_buf_get_lines(buffer, first, first + 1, false)[1] or ''
  local line = vim.api.nvim_get_current_line()
  local until_ = text.byte(line, range['end'].character, encoding)
  if until_ < column then
    return nil
  end
  return {
    id = id,
    whole = (whole:gsub('\r\n', '\n')),
    start = { first, text.byte(above, range.start.character, encoding) },
    tail = line:sub(column + 1, until_),
  }
end

--- The marks that draw a text: pieces between what stands there, further lines below.
---@return { offset: integer, options: table }[]
local function marks(rest, tail, right)
  local lines = vim.split(untabbed(rest), '\n', { plain = true })
  if #lines == 1 then
    return vim.tbl_map(function(piece)
      local drawn = { { untabbed(piece[2]), HIGHLIGHT } }
      return { offset = piece[1], options = { virt_text = drawn, virt_text_pos = 'inline' } }
    end, text.pieces(tail, rest))
  end
  local behind = right:sub(#tail + 1)
  local first = lines[1]
  local further = {}
  for number = 2, #lines do
    further[#further + 1] = { { lines[number], HIGHLIGHT } }
  end
  if behind ~= '' then
    table.insert(further[#further], { behind })
  end
  local options = { virt_lines = further, virt_text_pos = 'inline', virt_text = { { first, HIGHLIGHT } } }
  if right ~= '' then
    -- What stands right of the cursor goes below; here it is covered.
    local gap = vim.fn.strdisplaywidth(right) - vim.fn.strdisplaywidth(first)
    options.virt_text_pos = 'overlay'
    options.virt_text = { { first .. (' '):rep(math.max(0, gap)), HIGHLIGHT } }
  end
  return { { offset = 0, options = options } }
end

local function draw()
  local rest, tail = M.shown()
  local buffer = current and current.buffer or drawn.buffer
  if not (buffer and vim.api.nvim_buf_is_valid(buffer)) then
    return
  end
  local marks = rest and marks(rest, tail or '', current.right) or {}
  local row, column = cursor()
  for number, mark in ipairs(marks) do
    mark.options.id = number
    mark.options.hl_mode = 'combine'
    vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, row, column + mark.offset, mark.options)
  end
  for number = #marks + 1, drawn.buffer == buffer and drawn.count or 0 do
    vim.api.nvim_buf_del_extmark(buffer, NAMESPACE, number)
  end
  drawn = { buffer = buffer, count = #marks }
end

--- What is on the screen: what an accept would insert, what it would replace, and whose it is.
---@return string? rest
---@return string? tail
---@return firsthand.Item? item
function M.shown()
  if not current or current.buffer ~= vim.api.nvim_get_current_buf() then
    return nil
  end
  local item = current.items[current.index]
  local rest = rest(current, item)
  if rest then
    return rest, item.tail, item
  end
end

--- How many items there are to choose from, if the person asked for all there are.
---@return integer
function M.choices()
  return current and current.asked and #current.items or 0
end

--- Put what the server answered on the screen, in place of what is there.
---@param buffer integer the current one
---@param items table[] LSP's inline completion items
---@param encoding string the units in which the server counts
---@param asked boolean whether the person asked
function M.take(buffer, items, encoding, asked)
  local row, column = cursor()
  local line = vim.api.nvim_get_current_line()
  ---@type firsthand.Suggestion
  local new = { buffer = buffer, items = {}, index = 1, right = line:sub(column + 1), asked = asked }
  for _, each in ipairs(items) do
    local item = item(buffer, each, encoding, row, column)
    if item and (rest(new, item) or '') ~= '' then
      new.items[#new.items + 1] = item
    end
  end
  current = #new.items > 0 and new or nil
  draw()
end

--- Follow a change of the buffer or a move of the cursor: what it agrees with stays.
function M.advance()
  if not current then
    return
  end
  local _, column = cursor()
  local same = current.buffer == vim.api.nvim_get_current_buf()
    and current.right == vim.api.nvim_get_current_line():sub(column + 1)
  local items, index = {}, 1
  for place, item in ipairs(same and current.items or {}) do
    if (rest(current, item) or '') ~= '' then
      items[#items + 1] = item
      if place == current.index then
        index = #items
      end
    elseif place == current.index then
      break -- what was on the screen is contradicted or used up
    end
  end
  if #items == 0 or not vim.tbl_contains(items, current.items[current.index]) then
    return M.clear()
  end
  current.items, current.index = items, index
  draw()
end

--- Show another of the items.
---@param step integer 1 for the next, -1 for the one before
function M.select(step)
  if current then
    current.index = (current.index - 1 + step) % #current.items + 1
    draw()
  end
end

--- Take everything off the screen.
function M.clear()
  current = nil
  draw()
end

return M
