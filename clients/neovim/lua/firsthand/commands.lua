--- :Firsthand, one word for each thing it does.
local client = require('firsthand.client')
local config = require('firsthand.config')
local window = require('firsthand.window')

local M = {}

--- A value as lines of "name: value", what lies deeper further right.
---@param value any
---@param margin string
---@return string
function M.listed(value, margin)
  if type(value) ~= 'table' then
    return margin .. tostring(value)
  end
  local lines = {}
  local names = vim.tbl_keys(value)
  table.sort(names, function(one, other)
    return tostring(one) < tostring(other)
  end)
  for _, name in ipairs(names) do
    local each = value[name]
    local label = type(name) == 'number' and '-' or name .. ':'
    if type(each) == 'table' then
      local inner = M.listed(each, margin .. '  ')
      lines[#lines + 1] = margin .. label .. (inner == '' and ' none' or '')
      lines[#lines + 1] = inner ~= '' and inner or nil
    elseif name ~= 'schema' and each ~= vim.NIL and each ~= '' then
      lines[#lines + 1] = margin .. label .. ' ' .. tostring(each)
    end
  end
  return table.concat(lines, '\n')
end

--- Show what was answered.
---@param title string
---@param answer any
function M.show(title, answer)
  window.show(title, M.listed(answer, ''), 'firsthand')
end

local function asked(command)
  return function()
    if not client.execute(0, command, vim.empty_dict(), function(answer)
      M.show(command, answer)
    end) then
      client.no_server()
    end
  end
end

--- Show what a command of the program prints, with what follows it.
---@param command string
---@param argument string?
local function printed(command, argument)
  local argv = vim.tbl_filter(function(word)
    return word ~= 'serve'
  end, config.options.cmd)
  vim.list_extend(argv, { command, argument })
  local begun, fault = pcall(vim.system, argv, { text = true }, function(done)
    vim.schedule(function()
      local said = vim.trim(done.stdout or '')
      M.show(command, said ~= '' and said or vim.trim(done.stderr or ''))
    end)
  end)
  if not begun then
    vim.notify(('Firsthand: "%s" did not start: %s'):format(argv[1], fault), vim.log.levels.WARN)
  end
end

--- Show what left this machine; all of one request where it is named.
---@param request string?
local function sent(request)
  printed('sent', request)
end

--- Show how much was written first hand below the current folder, or below a path.
---@param path string?
local function grip(path)
  printed('grip', path)
end

---@param name 'explain'|'quiz'
local function understanding(name)
  return function(...)
    require('firsthand.understanding')[name](...)
  end
end

---@param name 'ask'|'cancel'
local function escalation(name)
  return require('firsthand.escalation')[name]
end

local WAYS = { ['++first'] = 'first', ['++panel'] = 'panel', ['++auto'] = 'auto', ['++preview'] = 'preview' }

--- Ask the strongest model: about the lines of a range, or for what belongs at the cursor.
---@param word string? what follows the name: a way to ask, or the instruction's first word
---@param given { args: string, range: integer, line1: integer, line2: integer }
local function escalate(word, given)
  local instruction = vim.trim((given.args:gsub('^%s*%S+', '', 1)))
  local way = WAYS[word]
  if way then
    instruction = vim.trim((instruction:gsub('^%S+', '', 1)))
  end
  local ranged = given.range > 0
  escalation('ask')(instruction, ranged and given.line1 or nil, ranged and given.line2 or nil, way)
end

local function cancel()
  if not escalation('cancel')() then
    vim.notify('Firsthand: nothing runs that could be cancelled.', vim.log.levels.WARN)
  end
end

---@param name 'show'|'accept'|'accept_all'|'discard'
local function review(name)
  return function()
    require('firsthand.review')[name]()
  end
end

--- Apply the hunk under the cursor; with "all", all of them.
---@param which string?
local function accept(which)
  review(which == 'all' and 'accept_all' or 'accept')()
end

--- Pause everything, or resume it; with a word, so many minutes, this file or this language.
---@param what string?
local function pause(what)
  local argument = vim.empty_dict()
  if what == 'file' then
    argument.uri = vim.uri_from_bufnr(0)
  elseif what == 'language' then
    argument.language = vim.bo.filetype
  elseif tonumber(what) then
    argument.minutes = tonumber(what)
  elseif what then
    return vim.notify('Firsthand: pause takes minutes, "file" or "language".', vim.log.levels.WARN)
  end
  if not client.execute(0, 'pause', argument, function(answer)
    require('firsthand.suggestion').clear()
    vim.notify('Firsthand: ' .. (answer.paused and 'paused; the same command goes on.' or 'goes on.'))
  end) then
    client.no_server()
  end
end

---@type table<string, fun(argument: string?, given: table)>
local COMMANDS = {
  why = asked('why'),
  status = asked('status'),
  costs = asked('costs'),
  sent = sent,
  grip = grip,
  report = function()
    printed('report')
  end,
  learned = function()
    printed('learned')
  end,
  explain = understanding('explain'),
  quiz = understanding('quiz'),
  read = function()
    client.execute(0, 'markRead', { uri = vim.uri_from_bufnr(0) }, function(answer)
      vim.notify(('Firsthand: %d characters of a frontier model are marked as read.'):format(answer.characters))
    end)
  end,
  escalate = escalate,
  cancel = cancel,
  review = review('show'),
  accept = accept,
  discard = review('discard'),
  pause = pause,
  clear = function()
    client.execute(0, 'clearCache', vim.empty_dict(), function()
      vim.notify('Firsthand: the answers of models that were kept are forgotten.')
    end)
  end,
  start = function()
    client.start()
  end,
  stop = function()
    client.stop()
  end,
  health = function()
    vim.cmd('checkhealth firsthand')
  end,
}

--- Run a command as it was written.
---@param given { fargs: string[], args: string, range: integer, line1: integer, line2: integer }
function M.run(given)
  local words = given.fargs
  local command = COMMANDS[words[1] or 'status']
  if not command then
    local known = vim.tbl_keys(COMMANDS)
    table.sort(known)
    local sentence = 'Firsthand: there is no command "%s"; there are %s.'
    return vim.notify(sentence:format(words[1], table.concat(known, ', ')), vim.log.levels.WARN)
  end
  command(words[2], given)
end

--- What a half-written command may go on with.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line, '%s+')
  -- A range may stand before the command.
  table.remove(words, 1)
  local further = {
    pause = { '15', 'file', 'language' },
    accept = { 'all' },
    escalate = { '++auto', '++first', '++panel', '++preview' },
  }
  local known = #words > 1 and (further[words[1]] or {}) or vim.tbl_keys(COMMANDS)
  table.sort(known)
  return vim.tbl_filter(function(each)
    return vim.startswith(each, lead)
  end, known)
end

return M
