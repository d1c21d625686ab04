-- What wrk sends: GET /echo with the cookies of one client after another. They change with each refresh, so the file is read anew every second.
local cookies, at, read_at = {}, 0, 0
local file = os.getenv("SIGNET_COOKIES")

local function read()
    local fresh = {}
    for line in io.lines(file) do fresh[#fresh + 1] = line end
    if #fresh > 0 then cookies = fresh end
    read_at = os.time()
end

function request()
    if os.time() ~= read_at then read() end
    at = at % #cookies + 1
    return wrk.format("GET", "/echo", { ["Cookie"] = cookies[at], ["Host"] = "shop.signet.test", ["Accept"] = "application/json" })
end

-- Into a file of its own: statuses that were not 200, by thread.
local threads = {}
function setup(thread) threads[#threads + 1] = thread end
refused = 0
function response(status) if status ~= 200 then refused = refused + 1 end end
function done(summary, latency)
    local all = 0
    for _, thread in ipairs(threads) do all = all + thread:get("refused") end
    io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), all,
        summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
