--- A key after another: the ghost text follows at once, and the server is asked what comes next.
local client = require('firsthand.client')
local menu = require('firsthand.menu')
local suggestion = require('firsthand.suggestion')

local M = {}

---@class firsthand.Place
---@field buffer integer
---@field tick integer of the buffer's changes
---@field row integer
---@field column integer

---@class firsthand.Typing
---@field turn integer counts the questions
---@field place firsthand.Place? where the last one was asked
---@field dismissed firsthand.Place? where the person wanted to see nothing
local state = { turn = 0 }

---@return firsthand.Place
local function here()
  local buffer = vim.api.nvim_get_current_buf()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  return { buffer = buffer, tick = tick, row = cursor[1], column = cursor[2] }
end

local function inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

--- The buffer was changed or the cursor moved, in insert mode.
function M.moved()
  local place = here()
  if vim.deep_equal(place, state.place) then
    return
  end
  state.place = place
  suggestion.advance()
  if menu.selected() then
    return M.stop()
  end
  M.ask(false)
end

--- Insert mode was entered, and may have been left since.
function M.entered()
  if inserting() then
    M.moved()
  end
end

--- Ask what could stand at the cursor.
---@param explicit boolean whether the person asked, and not their typing
---@param fits (fun(items: table[]): boolean)? whether an answer may be shown
---@param shown fun()? called once it is
function M.ask(explicit, fits, shown)
  local place = here()
  state.turn = state.turn + 1
  local turn = state.turn
  client.ask(place.buffer, explicit, function(items, lsp)
    if not items or turn ~= state.turn or not inserting() or not vim.deep_equal(place, here()) then
      return -- a newer answer comes, or it is about something else
    end
    if menu.selected() or (fits and not fits(items)) then
      return
    end
    suggestion.take(place.buffer, items, lsp.offset_encoding, explicit)
    if shown then
      shown()
    end
  end)
end

--- The server has a better answer for a place: show it if it goes on from what is shown there.
---@param params { textDocument: { uri: string, version: integer }, position: table }
---@param id integer the client's
function M.refresh(params, id)
  local place = here()
  local lsp = vim.lsp.get_client_by_id(id)
  if not lsp or not inserting() or vim.deep_equal(place, state.dismissed) then
    return
  end
  local now = vim.lsp.util.make_position_params(0, lsp.offset_encoding)
  if
    params.textDocument.uri ~= now.textDocument.uri
    or params.textDocument.version ~= vim.lsp.util.buf_versions[place.buffer]
    or not vim.deep_equal(params.position, now.position)
  then
    return
  end
  local before = suggestion.shown() or ''
  M.ask(false, function(items)
    local first = items[1] and items[1].insertText
    return type(first) == 'string' and (before == '' or first:find(before, 1, true) ~= nil)
  end)
end

--- Show another suggestion for the cursor, or the first one where there is none.
---@param step integer
function M.cycle(step)
  if suggestion.choices() > 0 then
    return suggestion.select(step)
  end
  local any = suggestion.shown() ~= nil
  M.ask(true, nil, function()
    if any then
      suggestion.select(step)
    end
  end)
end

--- Take the suggestion off the screen until the next key.
function M.dismiss()
  state.dismissed = here()
  M.stop()
end

--- Show nothing, and nothing that is still on its way.
function M.stop()
  state.turn = state.turn + 1
  suggestion.clear()
end

--- Insert mode ended.
function M.left()
  state.place = nil
  M.stop()
end

return M
