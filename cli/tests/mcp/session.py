"""Drives `flux mcp` with the official Python SDK, as a client would.

usage: session.py FLUX TREE

Exits with 77 where the SDK is not installed.
"""
import asyncio
import sys
import time

try:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
except ImportError:
    sys.exit(77)


def text(result):
    return "\n".join(block.text for block in result.content)


async def ready(session):
    """Waits until the index is there."""
    for _ in range(300):
        answer = text(await session.call_tool("status", {}))
        if "being made" not in answer:
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError("the index was never ready")


async def main(flux, tree):
    server = StdioServerParameters(command=flux, args=["mcp", tree], env=None)
    start = time.monotonic()
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        tools = (await session.list_tools()).tools
        print(f"first replies after {(time.monotonic() - start) * 1000:.0f} ms", file=sys.stderr)
        assert "search_code" in hello.instructions
        names = [tool.name for tool in tools]
        assert {"search_code", "symbol", "impact", "context", "status"} <= set(names), names
        for tool in tools:
            schema = getattr(tool, "input_schema", None) or tool.inputSchema
            assert schema["additionalProperties"] is False, tool.name

        assert "index fresh" in await ready(session)

        found = text(await session.call_tool("search_code", {"query": "definition 3 of part 0"}))
        assert "source/part_0.py" in found, found

        callers = {"name": "alpha", "show": "callers"}
        found = text(await session.call_tool("symbol", callers))
        assert "beta" in found and "certain: 1" in found, found

        found = text(await session.call_tool("impact", {"target": "alpha", "depth": 5}))
        assert "test_gamma" in found, found

        found = text(await session.call_tool("context", {"task": "change alpha", "budget": 1500}))
        assert "def alpha" in found, found

        wrong = await session.call_tool("symbol", {"name": "alpha", "shwo": "callers"})
        failed = getattr(wrong, "is_error", None) or getattr(wrong, "isError", None)
        assert failed and "shwo" in text(wrong), wrong

        everything, cursor, pages = [], None, 0
        while True:
            asked = {"query": "/def /", "limit": 100, "max_tokens": 400}
            if cursor:
                asked["cursor"] = cursor
            answer = text(await session.call_tool("search_code", asked))
            if "changed since that page" in answer:
                # Vectors were still being added; a client begins again, as it is told.
                everything, cursor, pages = [], None, 0
                continue
            lines = answer.split("\n")[1:]
            pages += 1
            last = lines[-1]
            if "cursor \"" not in last:
                everything += lines
                break
            everything += lines[:-1]
            cursor = last.split("cursor \"")[1].rstrip("\"")
        assert pages > 2 and len(everything) == len(set(everything)) == 100, (pages, len(everything))


asyncio.run(main(*sys.argv[1:]))
