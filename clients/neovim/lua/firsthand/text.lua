--- Pure functions over strings: what is left of a suggestion, and parts of it.
local M = {}

--- What is left of a text once some of it was typed; nil where they differ.
---@param whole string
---@param typed string
---@return string?
function M.rest(whole, typed)
  if vim.startswith(whole, typed) then
    return whole:sub(#typed + 1)
  end
end

--- The first word of a text with the white space before it, or a run of punctuation.
---@param text string
---@return string
function M.word(text)
  return text:match('^%s*[%w_\128-\255]+') or text:match('^%s*[^%w_%s\128-\255]+') or text
end

--- The first line of a text; one that begins with an end of line gives that and the next line.
---@param text string
---@return string
function M.line(text)
  return text:match('^\n?[^\n]*')
end

--- Where a text goes that takes the place of what stands right of the cursor.
---
--- What stands there (closing brackets, mostly) keeps its place on the screen where it is a part of
--- the text, so that only what is new is drawn.
---@param tail string what is replaced
---@param text string what takes its place
---@return { [1]: integer, [2]: string }[]? pieces with the bytes of the tail before each; nil where
---  the tail is no part of the text
function M.pieces(tail, text)
  local pieces, last = {}, #text
  for at = #tail, 1, -1 do
    local found
    for place = last, 1, -1 do
      if text:byte(place) == tail:byte(at) then
        found = place
        break
      end
    end
    if not found then
      return nil
    end
    if found < last then
      table.insert(pieces, 1, { at, text:sub(found + 1, last) })
    end
    last = found - 1
  end
  if last > 0 then
    table.insert(pieces, 1, { 0, text:sub(1, last) })
  end
  return pieces
end

--- A byte index of a line for an index in the units of a server.
---@param line string
---@param index integer
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return integer
function M.byte(line, index, encoding)
  if encoding == 'utf-8' then
    return math.min(index, #line)
  end
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_byteindex(line, encoding, index, false)
  end
  local utf32, utf16 = vim.str_utfindex(line)
  local most = encoding == 'utf-16' and utf16 or utf32
  return vim.str_byteindex(line, math.min(index, most), encoding == 'utf-16')
end

--- How long a line is in the units of a server.
---@param line string
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return integer
function M.units(line, encoding)
  if encoding == 'utf-8' then
    return #line
  end
  local utf32, utf16 = vim.str_utfindex(line)
  return encoding == 'utf-16' and utf16 or utf32
end

return M
