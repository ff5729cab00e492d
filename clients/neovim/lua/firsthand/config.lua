--- What a person may set, and what it is when they do not.
local M = {}

---@class firsthand.Keys
---@field accept string|false accepts all of the suggestion, where there is one
---@field accept_word string|false
---@field accept_line string|false
---@field next string|false
---@field previous string|false
---@field dismiss string|false

---@class firsthand.Config
---@field cmd string[] starts the server
---@field root_markers string[] a folder that holds one of these is the workspace
---@field settings table<string, any> the tuning keys of docs/configuration.md
---@field keys firsthand.Keys
---@field silent boolean whether another source of ghost text is not spoken of
M.defaults = {
  cmd = { 'firsthand', 'serve' },
  root_markers = { '.git', '.firsthand.toml' },
  settings = {},
  keys = {
    accept = '<Tab>',
    accept_word = '<M-Right>',
    accept_line = '<M-End>',
    next = '<M-]>',
    previous = '<M-[>',
    dismiss = '<C-]>',
  },
  silent = false,
}

---@type firsthand.Config
M.options = vim.deepcopy(M.defaults)

--- Take a person's options.
---@param options table?
---@return string[] faults a sentence for each option that is none; it is left out
function M.set(options)
  options = options or {}
  local faults = {}
  local taken = {}
  for name, value in pairs(options) do
    local default = M.defaults[name]
    if default == nil then
      faults[#faults + 1] = ('setup{} knows no option "%s"; :help firsthand-setup lists them.'):format(name)
    elseif type(value) ~= type(default) then
      faults[#faults + 1] = ('setup{ %s } must be a %s, not a %s.'):format(name, type(default), type(value))
    else
      taken[name] = value
    end
  end
  for name in pairs(taken.keys or {}) do
    if M.defaults.keys[name] == nil then
      faults[#faults + 1] = ('setup{ keys } knows no "%s"; :help firsthand-keys lists them.'):format(name)
    end
  end
  M.options = vim.tbl_deep_extend('force', vim.deepcopy(M.defaults), taken)
  if taken.cmd then
    M.options.cmd = taken.cmd
  end
  if taken.root_markers then
    M.options.root_markers = taken.root_markers
  end
  return faults
end

return M
