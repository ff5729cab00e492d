--- An edit of the server, made only in the text that it is for, and undone in one step.
local M = {}

---@param buffer integer
local function break_undo(buffer)
  vim.api.nvim_buf_call(buffer, function()
    vim.cmd('let &g:undolevels = &g:undolevels')
  end)
end

--- Answer `workspace/applyEdit`.
---@param params { edit: table }
---@param id integer the client's
---@return { applied: boolean, failureReason: string? }
function M.apply(params, id)
  local client = vim.lsp.get_client_by_id(id)
  if not client then
    return { applied = false, failureReason = 'the server has ended' }
  end
  local changes = params.edit.documentChanges or {}
  for _, change in ipairs(changes) do
    local document = change.textDocument or {}
    local buffer = vim.uri_to_bufnr(document.uri)
    if not vim.api.nvim_buf_is_loaded(buffer) or not vim.bo[buffer].modifiable then
      return { applied = false, failureReason = 'the document is not open' }
    end
    if document.version ~= (vim.lsp.util.buf_versions[buffer] or 0) then
      return { applied = false, failureReason = 'the document has changed' }
    end
  end
  for _, change in ipairs(changes) do
    local buffer = vim.uri_to_bufnr(change.textDocument.uri)
    break_undo(buffer)
    -- Without their annotations: Neovim would say again what the person has just read.
    local edits = vim.tbl_map(function(each)
      return { range = each.range, newText = each.newText }
    end, change.edits)
    local done, fault = pcall(vim.lsp.util.apply_text_edits, edits, buffer, client.offset_encoding)
    if not done then
      return { applied = false, failureReason = tostring(fault) }
    end
  end
  return { applied = #changes > 0 }
end

return M
