--- Marks what a frontier model wrote until it was edited or read.
---
--- They are the server's inlay hints, drawn here: Neovim draws the hints of all servers or of none.
local client = require('firsthand.client')
local config = require('firsthand.config')

local M = {}

local SPACE = vim.api.nvim_create_namespace('firsthand.marks')
local HIGHLIGHT = 'FirsthandUnread'
-- Milliseconds after a change in which another one is waited for.
local SETTLED = 200

---@type table<integer, integer> for each buffer, how often it was to be drawn
local asked = {}

---@param hint table
---@return string
local function label(hint)
  if type(hint.label) == 'string' then
    return hint.label
  end
  return table.concat(vim.tbl_map(function(part)
    return part.value
  end, hint.label))
end

---@param buffer integer
---@param hints table[]
local function draw(buffer, hints)
  vim.api.nvim_buf_clear_namespace(buffer, SPACE, 0, -1)
  for _, hint in ipairs(hints) do
    if hint.position.line < vim.api.nvim_buf_line_count(buffer) then
      vim.api.nvim_buf_set_extmark(buffer, SPACE, hint.position.line, 0, {
        virt_text = { { '  ' .. label(hint), HIGHLIGHT } },
        virt_text_pos = 'eol',
        hl_mode = 'combine',
      })
    end
  end
end

--- Ask for the marks of a buffer, and draw them as long as it is still the same.
---@param buffer integer
local function ask(buffer)
  local server = vim.api.nvim_buf_is_loaded(buffer) and client.of(buffer)
  if not server then
    return
  end
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    range = {
      start = { line = 0, character = 0 },
      ['end'] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 },
    },
  }
  client.request(server, 'textDocument/inlayHint', params, function(fault, hints)
    if fault or not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    if vim.api.nvim_buf_get_changedtick(buffer) == tick then
      draw(buffer, type(hints) == 'table' and hints or {})
    end
  end, buffer)
end

--- A buffer was changed, or shown: draw its marks once it is left alone for a moment.
---@param buffer integer
function M.changed(buffer)
  -- Where the person said nothing here, their configuration file may.
  if config.options.settings.marks == false then
    return vim.api.nvim_buf_clear_namespace(buffer, SPACE, 0, -1)
  end
  asked[buffer] = (asked[buffer] or 0) + 1
  local turn = asked[buffer]
  vim.defer_fn(function()
    if asked[buffer] == turn then
      asked[buffer] = nil
      ask(buffer)
    end
  end, SETTLED)
end

--- The server says that marks have changed; as LSP's handler of workspace/inlayHint/refresh.
---@param context { client_id: integer }
---@return userdata
function M.refresh(_, _, context)
  for buffer in pairs((vim.lsp.get_client_by_id(context.client_id) or {}).attached_buffers or {}) do
    M.changed(buffer)
  end
  return vim.NIL
end

--- Leave these hints of a server to this module alone.
---@param server vim.lsp.Client
function M.attached(server)
  server.server_capabilities.inlayHintProvider = nil
end

--- Give the marks a colour, unless the person or a colour scheme has.
function M.colour()
  vim.api.nvim_set_hl(0, HIGHLIGHT, { link = 'DiagnosticVirtualTextHint', default = true })
end

return M
