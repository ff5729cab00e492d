-- The command and the <Plug> maps; all else is loaded when it is first needed.
if vim.g.loaded_firsthand then
  return
end
vim.g.loaded_firsthand = true

vim.api.nvim_create_user_command('Firsthand', function(given)
  require('firsthand.commands').run(given)
end, {
  nargs = '*',
  range = true,
  desc = 'Firsthand: escalate, why, pause ...',
  complete = function(lead, line)
    return require('firsthand.commands').complete(lead, line)
  end,
})

for _, action in ipairs({ 'accept', 'accept_word', 'accept_line', 'next', 'previous', 'dismiss' }) do
  vim.keymap.set('i', '<Plug>(firsthand-' .. action:gsub('_', '-') .. ')', function()
    require('firsthand.keys').actions[action]()
  end, { desc = 'Firsthand: ' .. action:gsub('_', ' ') })
end
