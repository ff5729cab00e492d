--- Explains code, and asks about it, so that understanding keeps up.
local client = require('firsthand.client')
local window = require('firsthand.window')

local M = {}

---@return integer, integer the lines that are meant, counted from 1
local function lines(given)
  if given.range > 0 then
    return given.line1, given.line2
  end
  local line = vim.api.nvim_win_get_cursor(0)[1]
  return line, line
end

--- Show what is known of some lines; with words, a model is asked for its own as well.
---@param _ string?
---@param given { args: string, range: integer, line1: integer, line2: integer }
function M.explain(_, given)
  local first, last = lines(given)
  local question = vim.trim((given.args:gsub('^%s*%S+', '', 1)))
  local argument = {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    range = {
      start = { line = first - 1, character = 0 },
      ['end'] = { line = last - 1, character = #vim.fn.getline(last) },
    },
  }
  if question ~= '' then
    argument.ask, argument.instruction = true, question
  end
  if
    not client.execute(0, 'explain', argument, function(answer)
      if answer.reason then -- which the server has said
        return
      end
      local text = answer.text
      if answer.words ~= '' then
        text = ('%s\n\n%s says:\n\n%s'):format(text, answer.model, answer.words)
      end
      window.show('explain', text, 'markdown')
    end)
  then
    client.no_server()
  end
end

--- Say whether a choice was right, and what shows it.
---@param question table
---@param choice integer
---@return boolean
local function judge(question, choice)
  local right = choice == question.answer + 1
  local places = vim.tbl_map(function(line)
    return tostring(line + 1)
  end, question.lines)
  local where = #places > 0 and ((#places > 1 and 'lines ' or 'line ') .. table.concat(places, ', ')) or 'the file'
  local sentence = right and 'Firsthand: right; %s says so.'
    or ('Firsthand: no, it is "%s"; %%s says so.'):format((question.options[question.answer + 1]:gsub('%%', '%%%%')))
  vim.notify(sentence:format(where), right and vim.log.levels.INFO or vim.log.levels.WARN)
  return right
end

---@param answer table
---@param number integer
---@param right integer how many were right so far
local function question(answer, number, right)
  local each = answer.questions[number]
  if not each then
    return vim.notify(('Firsthand: %d of %d right.'):format(right, number - 1))
  end
  local prompt = ('%s (%d of %d)'):format(each.prompt, number, #answer.questions)
  vim.ui.select(each.options, { prompt = prompt, kind = 'firsthand.quiz' }, function(_, choice)
    if choice then -- leaving ends the quiz: nobody has to answer
      question(answer, number + 1, right + (judge(each, choice) and 1 or 0))
    end
  end)
end

--- Ask about the function at the cursor.
function M.quiz()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local argument = {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    position = { line = cursor[1] - 1, character = 0 },
  }
  if
    not client.execute(0, 'quiz', argument, function(answer)
      if #answer.questions == 0 then
        return vim.notify('Firsthand: ' .. answer.reason)
      end
      question(answer, 1, 0)
    end)
  then
    client.no_server()
  end
end

return M
