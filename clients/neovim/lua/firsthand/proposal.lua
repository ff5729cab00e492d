--- A proposal of the server: what its hunks make of a text, and what is said of it. Pure.
local M = {}

---@class firsthand.Hunk
---@field id integer
---@field first integer the first line that it replaces, counted from 0
---@field last integer the line after the last one
---@field lines string[] what it puts there
---@field at integer where they begin in the text with all hunks, counted from 0
---@field check string what to look at in it; empty for nothing

---@class firsthand.Proposal
---@field id integer
---@field uri string
---@field version integer
---@field hunks firsthand.Hunk[] in the order of the text
---@field said table the notification

--- The hunks of a notification, as lines.
---@param note table the parameters of firsthand/proposal
---@param count integer how many lines the document has
---@return firsthand.Proposal
function M.read(note, count)
  local hunks, down = {}, 0
  for _, each in ipairs(note.hunks) do
    local first, until_ = each.range.start.line, each.range['end']
    -- A hunk is whole lines; only the last line of a document ends in itself.
    local last = until_.character > 0 and until_.line + 1 or until_.line
    first, last = math.min(first, count), math.min(last, count)
    local lines = vim.split((each.newText:gsub('\r\n', '\n')), '\n', { plain = true })
    if lines[#lines] == '' then
      lines[#lines] = nil
    end
    hunks[#hunks + 1] = {
      id = each.id,
      first = first,
      last = last,
      lines = lines,
      at = first + down,
      check = each.check or '',
    }
    down = down + #lines - (last - first)
  end
  return { id = note.id, uri = note.uri, version = note.version, hunks = hunks, said = note }
end

--- The lines of a document with all hunks applied.
---@param lines string[]
---@param hunks firsthand.Hunk[]
---@return string[]
function M.applied(lines, hunks)
  local after, from = {}, 0
  for _, hunk in ipairs(hunks) do
    vim.list_extend(after, lines, from + 1, hunk.first)
    vim.list_extend(after, hunk.lines)
    from = hunk.last
  end
  return vim.list_extend(after, lines, from + 1)
end

---@param usd number?
---@return string
function M.price(usd)
  if type(usd) ~= 'number' then
    return 'price unknown'
  end
  return ((usd > 0 and usd < 0.01) and '$%.4f' or '$%.2f'):format(usd)
end

---@param lines string[]
---@param text any
---@param margin string?
local function add(lines, text, margin)
  if type(text) == 'string' and text ~= '' then
    for _, line in ipairs(vim.split(vim.trim(text), '\n', { plain = true })) do
      lines[#lines + 1] = (margin or '') .. line
    end
  end
end

--- All that is to be said of a proposal beside its diff, the price and the model first.
---@param note table the parameters of firsthand/proposal
---@return string[]
function M.explained(note)
  local changes = #note.hunks == 1 and '1 change' or ('%d changes'):format(#note.hunks)
  local lines = { ('%s by %s, %s'):format(changes, note.model, M.price(note.cost_usd)) }
  add(lines, note.summary)
  add(lines, note.reason)
  for _, warning in ipairs(note.warnings or {}) do
    add(lines, 'Warning: ' .. warning)
  end
  for _, hunk in ipairs(note.hunks) do
    add(lines, hunk.note)
    for _, check in ipairs(vim.split(hunk.check or '', '\n', { plain = true, trimempty = true })) do
      add(lines, ('Check line %d: %s'):format(hunk.range.start.line + 1, check))
    end
  end
  for _, each in ipairs(note.disagreements or {}) do
    add(lines, ('The models disagree at line %d: %s'):format(each.range.start.line + 1, each.note))
    for _, choice in ipairs(each.choices or {}) do
      local who = table.concat(choice.models, ', ')
      add(lines, ('  %s%s:'):format(who, choice.chosen and ' (proposed)' or ''))
      add(lines, choice.text == '' and '(nothing)' or choice.text, '    ')
    end
  end
  if note.sent_id ~= '' then
    lines[#lines + 1] = ('What was sent: :Firsthand sent %s'):format(note.sent_id)
  else
    lines[#lines + 1] = 'Nothing left this machine for it.'
  end
  return lines
end

return M
