"""The guard in conftest.py does its work: tests reach this machine only."""

import socket

import httpx
import pytest

FAR = [(socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_INET6, ("2001:db8::1", 80, 0, 0))]


@pytest.mark.parametrize(("family", "address"), FAR)
def test_far_addresses_are_refused(family: socket.AddressFamily, address: tuple[object, ...]) -> None:
    with socket.socket(family) as sock:
        for connect in (sock.connect, sock.connect_ex):
            with pytest.raises(RuntimeError, match="only loopback is open"):
                connect(address)


def test_libraries_are_refused_too() -> None:
    with pytest.raises(RuntimeError, match="only loopback is open"):
        httpx.get("http://192.0.2.1/")


@pytest.mark.parametrize("name", ["example.com", b"example.com"])
def test_names_of_other_machines_are_not_looked_up(name: str | bytes) -> None:
    with pytest.raises(socket.gaierror, match="tests look up no names"):
        socket.getaddrinfo(name, 80)


def test_this_machine_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as client:
            assert client.getpeername()[1] == port
