-- A JSON body for wrk, from the environment: BODY.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = os.getenv("BODY")

-- wrk's own report has no raw numbers: one line of them, for the script to read.
done = function(summary, latency)
  io.write(string.format("figures %d %d %.1f %.1f %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
