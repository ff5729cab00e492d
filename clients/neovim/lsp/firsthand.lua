-- For Neovim 0.12's own inline completion, without the rest of the plugin:
--   vim.lsp.enable('firsthand')
--   vim.lsp.inline_completion.enable()
return {
  cmd = { 'firsthand', 'serve' },
  root_markers = { '.git', '.firsthand.toml' },
}
