--- The menu of suggestions: it wins wherever an entry of it is selected.
local M = {}

--- Whether an entry is selected, in Neovim's own menu, nvim-cmp's or blink.cmp's.
---@return boolean
function M.selected()
  if vim.fn.pumvisible() == 1 then
    return vim.fn.complete_info({ 'selected' }).selected >= 0
  end
  -- Its public functions wait until a filter that runs is done, which may not hold up a key.
  local view = vim.tbl_get(package.loaded, 'cmp', 'core', 'view')
  if view and view.visible and view:visible() then
    return view:get_active_entry() ~= nil
  end
  local blink = package.loaded['blink.cmp']
  if blink and blink.is_menu_visible and blink.is_menu_visible() then
    return blink.get_selected_item() ~= nil
  end
  return false
end

return M
