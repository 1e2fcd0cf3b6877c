async def test_look(city, console):
    hub = city(3000)
    for size in ((80, 24), (200, 50)):
        async with console(hub, size) as c:
            print(); print(c.text())
            await c.keys("f3"); await c.until(lambda: c.app.screen.query_one("Rows").window.known); print(c.text())
            await c.keys("enter"); await c.until(lambda: c.app.screen.NAME == "device" and c.app.screen.ports.window.known); await c.settle(); print(c.text())
            await c.keys("right"); await c.settle();await c.settle(); print(c.text())
            await c.keys("right"); print(c.text())
            await c.keys("f4");await c.until(lambda: c.app.screen.query_one("Rows").window.known); print(c.text())
            await c.keys("f1"); print(c.text())
            await c.keys("escape", "f7"); print(c.text())
            await c.keys("escape", "ctrl+p"); print(c.text())
