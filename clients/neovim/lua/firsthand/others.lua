--- Other plugins that draw ghost text: two at once write over each other.
local client = require('firsthand.client')

local M = {}

---@type { name: string, works: (fun(): boolean), mend: string }[]
local KNOWN = {
  {
    name = 'copilot.vim',
    works = function()
      return vim.g.loaded_copilot == 1 and vim.g.copilot_enabled ~= false and vim.g.copilot_enabled ~= 0
    end,
    mend = 'turn one of them off, Copilot with :Copilot disable',
  },
  {
    name = 'copilot.lua',
    works = function()
      local loaded, suggestion = pcall(require, 'copilot.suggestion')
      return package.loaded['copilot'] ~= nil and loaded and suggestion.is_visible ~= nil
    end,
    mend = 'turn one of them off, Copilot with :Copilot disable',
  },
  {
    name = 'supermaven-nvim',
    works = function()
      return package.loaded['supermaven-nvim'] ~= nil
    end,
    mend = 'turn one of them off, Supermaven with :SupermavenStop',
  },
  {
    name = 'codeium',
    works = function()
      return vim.g.loaded_codeium == 1 or package.loaded['codeium'] ~= nil
    end,
    mend = 'turn one of them off, Codeium with :CodeiumDisable',
  },
  {
    name = 'tabnine',
    works = function()
      return package.loaded['tabnine'] ~= nil
    end,
    mend = 'turn one of them off, Tabnine with :TabnineDisable',
  },
  {
    name = "Neovim's own inline completion",
    works = function()
      local own = vim.lsp.inline_completion
      return own ~= nil and own.is_enabled ~= nil and own.is_enabled()
    end,
    mend = 'turn it off with vim.lsp.inline_completion.enable(false)',
  },
}

--- The other sources of ghost text that are at work, each with how to turn it off.
---@return { name: string, mend: string }[]
function M.found()
  return vim.tbl_filter(function(each)
    return each.works()
  end, KNOWN)
end

--- Say once of each that it is there.
function M.notice()
  for _, each in ipairs(M.found()) do
    client.say_once(('%s shows ghost text, too: %s, or setup{ silent = true }.'):format(each.name, each.mend))
  end
end

return M
