--- Reading a proposal: a tab page with what is said of it, the file and the file as it would be.
local client = require('firsthand.client')
local proposal = require('firsthand.proposal')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('firsthand.review')
local KEYS = 'a accepts the change under the cursor, A all of them, x discards, q leaves it for later (:Firsthand review)'
local HIGHEST = 12

---@class firsthand.Review
---@field client integer whose proposal it is
---@field buffer integer the file's
---@field proposed firsthand.Proposal
---@field left table<integer, firsthand.Hunk> those not applied yet, by their ids
---@field marks table<integer, integer> where each lies in the file, by its id
---@field tab integer? the tab page, while it is open
---@field scratch integer? shows the file as it would be
---@field after string[] the file as it would be

---@type firsthand.Review?
local current

---@return boolean
local function opened()
  return current ~= nil and current.tab ~= nil and vim.api.nvim_tabpage_is_valid(current.tab)
end

--- Close what shows the proposal.
local function close()
  if not current or not opened() then
    return
  end
  local tab = current.tab
  current.tab = nil
  for _, window in ipairs(vim.api.nvim_tabpage_list_wins(tab)) do
    vim.api.nvim_win_call(window, function()
      vim.cmd('diffoff')
    end)
  end
  if #vim.api.nvim_list_tabpages() > 1 then
    vim.cmd(vim.api.nvim_tabpage_get_number(tab) .. 'tabclose')
  end
end

local function forget()
  if current and vim.api.nvim_buf_is_valid(current.buffer) then
    vim.api.nvim_buf_clear_namespace(current.buffer, NAMESPACE, 0, -1)
  end
  close()
  current = nil
end

---@param lines string[]
---@param filetype string
---@return integer buffer
local function scratch(lines, filetype)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = filetype
  for key, action in pairs({ a = 'accept', A = 'accept_all', x = 'discard', q = 'later' }) do
    vim.keymap.set('n', key, M[action], { buffer = buffer, nowait = true, desc = 'Firsthand: ' .. action })
  end
  return buffer
end

--- Mark in the proposed text what is to be looked at.
local function annotate(review)
  for _, hunk in ipairs(review.proposed.hunks) do
    local row = math.min(hunk.at, vim.api.nvim_buf_line_count(review.scratch) - 1)
    if hunk.check ~= '' then
      local first = vim.split(hunk.check, '\n', { plain = true })[1]
      vim.api.nvim_buf_set_extmark(review.scratch, NAMESPACE, row, 0, {
        virt_text = { { '  check ' .. first, 'DiagnosticInfo' } },
        virt_text_pos = 'eol',
      })
    end
  end
end

--- Open the tab page: what is said on top, the file on the left, the proposal on the right.
local function open()
  local review = current --[[@as firsthand.Review]]
  local now = vim.api.nvim_buf_get_lines(review.buffer, 0, -1, false)
  local after = review.after
  vim.cmd('tab split')
  review.tab = vim.api.nvim_get_current_tabpage()
  vim.api.nvim_win_set_buf(0, review.buffer)
  vim.cmd('diffthis')
  local file = vim.api.nvim_get_current_win()
  vim.cmd('rightbelow vertical split')
  review.scratch = scratch(after, vim.bo[review.buffer].filetype)
  vim.api.nvim_win_set_buf(0, review.scratch)
  vim.cmd('diffthis')
  vim.wo.winbar = 'proposed by ' .. review.proposed.said.model:gsub('%%', '%%%%')
  local right = vim.api.nvim_get_current_win()
  annotate(review)
  local said = vim.list_extend(proposal.explained(review.proposed.said), { KEYS })
  vim.cmd('topleft split')
  vim.api.nvim_win_set_buf(0, scratch(said, 'firsthand'))
  vim.wo.diff, vim.wo.scrollbind, vim.wo.cursorbind, vim.wo.winbar = false, false, false, ''
  vim.wo.wrap, vim.wo.number, vim.wo.foldenable, vim.wo.winfixheight = true, false, false, true
  vim.api.nvim_win_set_height(0, math.max(1, math.min(#said, HIGHEST, math.floor(vim.o.lines / 3))))
  vim.api.nvim_set_current_win(right)
  local first = review.proposed.hunks[1]
  if first then
    local row = math.min(first.at + 1, #after)
    vim.api.nvim_win_set_cursor(right, { math.max(1, row), 0 })
    vim.api.nvim_win_set_cursor(file, { math.max(1, math.min(first.first + 1, #now)), 0 })
  end
end

--- The server proposes something.
---@param id integer the client's
---@param note table the parameters of firsthand/proposal
function M.take(id, note)
  local buffer = vim.uri_to_bufnr(note.uri)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  forget()
  local proposed = proposal.read(note, vim.api.nvim_buf_line_count(buffer))
  ---@type firsthand.Review
  local review = {
    client = id,
    buffer = buffer,
    proposed = proposed,
    left = {},
    marks = {},
    after = proposal.applied(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), proposed.hunks),
  }
  for _, hunk in ipairs(proposed.hunks) do
    review.left[hunk.id] = hunk
    review.marks[hunk.id] = vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, hunk.first, 0, {
      end_row = hunk.last,
      end_col = 0,
      right_gravity = true,
      end_right_gravity = false,
      strict = false,
    })
  end
  current = review
  -- Who types meanwhile goes on typing.
  if vim.api.nvim_get_mode().mode == 'n' and vim.fn.getcmdwintype() == '' then
    open()
  else
    vim.notify(('Firsthand: %s proposes a change; :Firsthand review shows it.'):format(note.model))
  end
end

--- Show the proposal that waits, if there is one.
function M.show()
  if not current then
    return vim.notify('Firsthand: nothing is proposed; :Firsthand escalate asks for something.', vim.log.levels.WARN)
  end
  if opened() then
    vim.api.nvim_set_current_tabpage(current.tab)
  else
    open()
  end
end

--- The hunk that the cursor is in: in the file, or in the file as it would be.
---@return firsthand.Hunk?
local function here()
  local review = current --[[@as firsthand.Review]]
  local buffer, row = vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] - 1
  for id, hunk in pairs(review.left) do
    local first, last = hunk.at, hunk.at + #hunk.lines
    if buffer == review.buffer then
      local mark = vim.api.nvim_buf_get_extmark_by_id(buffer, NAMESPACE, review.marks[id], { details = true })
      first, last = mark[1], mark[3] and mark[3].end_row or mark[1]
    end
    -- What is empty on one side lies between two lines.
    local inside = first == last and (row == first or row == first - 1) or (row >= first and row < last)
    if inside then
      return hunk
    end
  end
end

--- Apply hunks, by the server, which knows whether they still belong there.
---@param hunks firsthand.Hunk[]
local function apply(hunks)
  local review = current --[[@as firsthand.Review]]
  local lsp = vim.lsp.get_client_by_id(review.client)
  if not lsp or lsp.is_stopped(lsp) then
    vim.notify('Firsthand: the server that proposed this has ended, so it is not applied: ask again.', vim.log.levels.WARN)
    return forget()
  end
  local ids = vim.tbl_map(function(each)
    return each.id
  end, hunks)
  client.run(lsp, 'applyProposal', { id = review.proposed.id, hunks = ids }, function(answer)
    if current ~= review or type(answer) ~= 'table' or not answer.applied then
      return -- the server has said why
    end
    for _, id in ipairs(ids) do
      review.left[id] = nil
      vim.api.nvim_buf_del_extmark(review.buffer, NAMESPACE, review.marks[id])
    end
    if next(review.left) == nil then
      forget()
    elseif opened() then
      vim.cmd('diffupdate')
    end
  end)
end

---@return boolean
local function waits()
  if not current then
    M.show()
  end
  return current ~= nil
end

--- Apply the hunk under the cursor.
function M.accept()
  if not waits() then
    return
  end
  local hunk = here()
  if hunk then
    return apply({ hunk })
  end
  vim.notify('Firsthand: no change is left under the cursor; ]c goes to the next one.', vim.log.levels.WARN)
end

--- Apply all hunks that are left.
function M.accept_all()
  if waits() then
    apply(vim.tbl_values(current.left))
  end
end

--- Forget the proposal.
function M.discard()
  if not waits() then
    return
  end
  local lsp = vim.lsp.get_client_by_id(current.client)
  if lsp then
    client.run(lsp, 'discardProposal', { id = current.proposed.id })
  end
  forget()
end

--- Close the tab page; the proposal waits.
function M.later()
  close()
end

return M
