"""Forwards connections, and breaks off the first ones: interrupt.py PORT TARGET BYTES TIMES.

Of the first TIMES connections that send more than BYTES bytes, each is closed there and then."""

import asyncio
import sys

port, target, limit, left = (int(word) for word in sys.argv[1:5])


async def pass_on(reader, writer, broken):
    sent = 0
    while data := await reader.read(1 << 14):
        sent += len(data)
        if broken and sent > limit and broken():
            break
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve(reader, writer):
    global left

    def broken():
        global left
        left -= 1
        if left >= 0:
            writer.transport.abort()
            up_writer.transport.abort()
        return left >= 0

    try:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pass_on(reader, up_writer, broken), pass_on(up_reader, writer, None))
    except (ConnectionError, OSError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
