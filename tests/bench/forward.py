"""Forwards connections, and counts what clients send: forward.py FILE PORT TARGET writes the bytes so far to FILE."""

import asyncio
import sys

file, port, target = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sent = 0


async def pass_on(reader, writer, is_sent):
    global sent
    while data := await reader.read(1 << 16):
        if is_sent:
            sent += len(data)
            with open(file, "w") as out:
                out.write(f"{sent}\n")
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve(reader, writer):
    try:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pass_on(reader, up_writer, True), pass_on(up_reader, writer, False))
    except ConnectionError:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
