#!/usr/bin/env python3
"""Other people's clients against a running Footnote: openai, mcp (both eras, HTTP and standard streams), the parser of
prometheus_client, and schemathesis over /openapi.json. Usage: clients.py BINARY DOCUMENTS [--examples N]

Starts the binary on a library of its own and ends it. Exit status 1 names what failed."""
import argparse, asyncio, os, subprocess, sys, tempfile

parser = argparse.ArgumentParser()
parser.add_argument("binary")
parser.add_argument("documents")
parser.add_argument("--examples", type=int, default=20)
options = parser.parse_args()
binary = os.path.abspath(options.binary)
question = "How many vacation days do full-time staff get?"
failed = []


def check(name, holds, detail=""):
    print(("ok    " if holds else "FAILED"), name, "" if holds else detail, flush=True)
    if not holds:
        failed.append(name)


def openai_client(url):
    import openai

    client = openai.OpenAI(base_url=url + "/v1", api_key="none needed")
    names = [model.id for model in client.models.list()]
    check("openai: models", "footnote" in names, names)
    reply = client.chat.completions.create(model="footnote", messages=[{"role": "user", "content": question}])
    check("openai: chat", "[1]" in reply.choices[0].message.content, reply)
    check("openai: citations in the extension", len(reply.footnote["citations"]) > 0, reply)
    streamed, last = "", None
    for chunk in client.chat.completions.create(
        model="footnote", messages=[{"role": "user", "content": question}], stream=True
    ):
        streamed += chunk.choices[0].delta.content or ""
        last = chunk
    check("openai: a stream is the same answer", streamed == reply.choices[0].message.content, streamed)
    check("openai: its last chunk holds the answer", last.footnote["answer"] == streamed, last)
    vectors = client.embeddings.create(model=names[-1], input=["a house", "a home"])
    length = sum(x * x for x in vectors.data[0].embedding)
    check("openai: embeddings", len(vectors.data) == 2 and abs(length - 1) < 1e-3, length)
    try:
        client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "x"}])
        check("openai: an unknown model is an error", False)
    except openai.NotFoundError as error:
        check("openai: an unknown model is an error", "gpt-9" in str(error), error)


async def mcp_client(url, data):
    import mcp
    from mcp.client.stdio import StdioServerParameters

    parameters = StdioServerParameters(command=binary, args=["mcp", "--data", data])
    for name, target in (("http", url + "/mcp"), ("stdio", parameters)):
        for mode in ("auto", "legacy"):
            try:
                async with mcp.Client(target, mode=mode) as client:
                    tools = [tool.name for tool in (await client.list_tools()).tools]
                    check(f"mcp {name} {mode}: tools", "ask" in tools, tools)
                    reply = await client.call_tool("ask", {"question": question})
                    check(f"mcp {name} {mode}: ask", bool(reply.structured_content["citations"]), reply)
                    wrong = await client.call_tool("search", {"query": "x", "limit": 1})
                    check(f"mcp {name} {mode}: a wrong argument is told", wrong.is_error, wrong)
                    resources = (await client.list_resources()).resources
                    text = (await client.read_resource(resources[0].uri)).contents[0].text
                    check(f"mcp {name} {mode}: resources", len(text) > 0)
                    prompt = await client.get_prompt("answer_from_library", {"question": "x"})
                    check(f"mcp {name} {mode}: prompts", bool(prompt.messages), prompt)
            except Exception as error:  # a client that cannot begin is a failure like any other
                check(f"mcp {name} {mode}", False, repr(error))


def prometheus_parser(url):
    import urllib.request
    from prometheus_client.parser import text_string_to_metric_families

    text = urllib.request.urlopen(url + "/metrics").read().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    check("prometheus: parsed", "footnote_http_requests" in families and "footnote_documents" in families, sorted(families))
    histogram = families.get("footnote_http_request_seconds")
    check("prometheus: a histogram", histogram is not None and histogram.type == "histogram", histogram)


def schemathesis(url, folder):
    checks = ",".join([
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
        "negative_data_rejection",
    ])
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", url + "/openapi.json", "--checks", checks,
        "--max-examples", str(options.examples), "--phases", "fuzzing", "--seed", "1",
        "--exclude-path-regex", "/reembed|/backup|/(jobs/.*|deals)/events",
    ]
    # It keeps notes where it runs.
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    check(f"schemathesis, {options.examples} examples an operation", run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:])


with tempfile.TemporaryDirectory() as folder:
    data = folder + "/data"
    subprocess.run([binary, "add", options.documents, "--data", data, "--quiet"], stdout=subprocess.DEVNULL)
    server = subprocess.Popen([binary, "serve", "--port", "0", "--data", data], stderr=subprocess.PIPE, text=True)
    url = ""
    for line in server.stderr:
        if "Footnote is at " in line:
            url = line.split("Footnote is at ")[1].strip()
            break
    try:
        openai_client(url)
        asyncio.run(mcp_client(url, data))
        prometheus_parser(url)
        schemathesis(url, folder)
        check("the server still runs", server.poll() is None)
    finally:
        server.terminate()
        server.wait()
sys.exit(1 if failed else 0)
