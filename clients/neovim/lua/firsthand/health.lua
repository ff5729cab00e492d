--- :checkhealth firsthand
local client = require('firsthand.client')
local config = require('firsthand.config')

local M = {}

local function check_server()
  local cmd = config.options.cmd
  if vim.fn.executable(cmd[1]) == 0 then
    return vim.health.error(
      ('"%s" is not on your PATH'):format(cmd[1]),
      { 'pipx install firsthand', "or name the program: require('firsthand').setup{ cmd = { '/path/to/firsthand', 'serve' } }" }
    )
  end
  vim.health.ok(('the server is %s'):format(vim.fn.exepath(cmd[1])))
  local version = vim.fn.system({ cmd[1], '--version' })
  if vim.v.shell_error == 0 then
    vim.health.ok(vim.trim(version))
  else
    vim.health.warn(('"%s --version" failed'):format(cmd[1]), { 'firsthand doctor' })
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = 'firsthand' })
  if #clients == 0 then
    return vim.health.warn('no server runs', { 'open a file on disk', ':Firsthand start' })
  end
  for _, each in ipairs(clients) do
    vim.health.ok(('a server runs for %s'):format(each.root_dir or 'files outside of any workspace'))
  end
  local status = client.status()
  vim.health.info(('level: %s. %s'):format(status.level or 'starting', status.reason or ''))
end

local function check_keys()
  local key = config.options.keys.accept
  if not key then
    return vim.health.info('no key accepts; map one to <Plug>(firsthand-accept)')
  end
  local map = vim.fn.maparg(key, 'i', false, true)
  if map.desc == 'Firsthand: accept' then
    vim.health.ok(key .. ' accepts a suggestion')
  else
    vim.health.warn(
      ('%s is mapped to something else: %s'):format(key, map.desc or map.rhs or 'a function'),
      { 'call setup{} after it was mapped, or have it fall back to <Plug>(firsthand-accept)' }
    )
  end
end

function M.check()
  vim.health.start('firsthand')
  if vim.fn.has('nvim-0.10') == 0 then
    return vim.health.error('Neovim 0.10 or later is needed')
  end
  check_server()
  check_clients()
  check_keys()
  for _, each in ipairs(require('firsthand.others').found()) do
    vim.health.warn(each.name .. ' shows ghost text, too', { each.mend })
  end
end

return M
