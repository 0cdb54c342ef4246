-- A JSON body for wrk at a pace of its own: each connection waits DELAY_MS before it asks again, so that what is offered
-- stays the same however quickly a refusal comes. BODY as in post.lua. Refusals are counted, and those that do not say
-- when to come back.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BODY")
local pause = tonumber(os.getenv("DELAY_MS"))

refused, silent = 0, 0
local threads = {}
function setup(thread) table.insert(threads, thread) end

-- Spread over the pause, so that all connections do not ask in one beat; the first time of each within one pause, so
-- that the whole run is offered the same.
local waiting = tonumber(os.getenv("CONNECTIONS"))
function delay()
  if waiting > 0 then
    waiting = waiting - 1
    return math.floor(pause * math.random())
  end
  return math.floor(pause * (0.5 + math.random()))
end

function response(status, headers)
  if status == 429 or status == 503 then
    refused = refused + 1
    local says = false
    for name in pairs(headers) do if name:lower() == "retry-after" then says = true end end
    if not says then silent = silent + 1 end
  end
end

done = function(summary, latency)
  local all, mute = 0, 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("refused")
    mute = mute + thread:get("silent")
  end
  io.write(string.format("figures %d %d %.1f %.1f %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), all, mute, summary.errors.status - all,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
