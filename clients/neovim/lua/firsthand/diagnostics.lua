--- Tells the server what others report of a buffer: LSP has no way for it to ask.
local client = require('firsthand.client')

local M = {}

-- As many as the server looks at.
local MOST = 200

--- Tell the server what is reported of a buffer now.
---@param buffer integer
function M.report(buffer)
  if not client.of(buffer) then
    return
  end
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(buffer)) do
    if #found == MOST then
      break
    end
    local last = { line = each.end_lnum or each.lnum, character = each.end_col or each.col }
    found[#found + 1] = {
      range = { start = { line = each.lnum, character = each.col }, ['end'] = last },
      message = each.message,
      severity = each.severity,
    }
  end
  client.execute(buffer, 'diagnostics', { uri = vim.uri_from_bufnr(buffer), diagnostics = found })
end

return M
