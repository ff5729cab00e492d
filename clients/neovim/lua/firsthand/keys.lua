--- The keys of insert mode. Each is what it was before wherever Firsthand has nothing for it.
local accept = require('firsthand.accept')
local menu = require('firsthand.menu')
local suggestion = require('firsthand.suggestion')
local typing = require('firsthand.typing')

local M = {}

--- What a key does; each returns whether it did something.
---@type table<string, fun(): boolean>
M.actions = {
  accept = function()
    return accept.accept('all')
  end,
  accept_word = function()
    return accept.accept('word')
  end,
  accept_line = function()
    return accept.accept('line')
  end,
  next = function()
    typing.cycle(1)
    return true
  end,
  previous = function()
    typing.cycle(-1)
    return true
  end,
  dismiss = function()
    local any = suggestion.shown() ~= nil
    if any then
      typing.dismiss()
    end
    return any
  end,
}

---@type table<string, table> what the keys were mapped to
local earlier = {}

---@param keys string
---@param mode string
---@param named boolean? whether keys are written by their names; they are if not said
local function feed(keys, mode, named)
  if named ~= false then
    keys = vim.api.nvim_replace_termcodes(keys, true, true, true)
  end
  vim.api.nvim_feedkeys(keys, mode, false)
end

local function fall_back(key, before)
  if before.callback then
    local keys = before.callback()
    if before.expr == 1 and type(keys) == 'string' then
      feed(keys, before.noremap == 1 and 'in' or 'im', before.replace_keycodes == 1)
    end
  elseif before.rhs then
    local keys = before.expr == 1 and vim.api.nvim_eval(before.rhs) or before.rhs
    feed(keys, before.noremap == 1 and 'in' or 'im', before.expr ~= 1)
  else
    feed(key, 'in')
  end
end

--- What comes before the ghost text for the key that accepts: the menu, then a snippet's next place.
---@return fun(): boolean
local function first_of_all()
  if menu.selected() then
    if vim.fn.pumvisible() == 1 then
      return function()
        feed('<C-y>', 'in')
        return true
      end
    end
    return function()
      return false -- the menu's own mapping
    end
  end
  if vim.snippet and vim.snippet.active({ direction = 1 }) then
    return function()
      vim.snippet.jump(1)
      return true
    end
  end
  local luasnip = package.loaded['luasnip']
  if luasnip and luasnip.locally_jumpable and luasnip.locally_jumpable(1) then
    return function()
      luasnip.jump(1)
      return true
    end
  end
  return M.actions.accept
end

--- Map the keys that a person wants.
---@param keys firsthand.Keys
function M.map(keys)
  for action, key in pairs(keys) do
    if key then
      local before = vim.fn.maparg(key, 'i', false, true)
      if before.desc and vim.startswith(before.desc, 'Firsthand') then
        before = earlier[key] or {}
      end
      earlier[key] = before
      vim.keymap.set('i', key, function()
        local first = action == 'accept' and first_of_all() or M.actions[action]
        if not first() then
          fall_back(key, before)
        end
      end, { desc = 'Firsthand: ' .. action:gsub('_', ' ') })
    end
  end
end

return M
