"""Which addresses are fetched from: those of the whole internet, however the others are written."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.addresses import (
    NotAnAddress,
    NotPublic,
    PasswordInAddress,
    PortNotAsked,
    UnknownHost,
    is_public,
    look_up,
    place_of,
    public_addresses,
    shown,
)

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "192.88.99.1", "::", "::1", "fe80::1", "fe80::1%1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::", "2001::1", "2001:db8::1", "100::1", "3fff::1", "5f00::1",
]  # fmt: skip
PRIVATE = [ip_network(net) for net in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                                       "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4")]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_all_others_are_not(address: str) -> None:
    assert not is_public(address)


@given(st.sampled_from(PRIVATE).flatmap(lambda net: st.integers(int(net[0]), int(net[-1]))))
def test_nothing_within_a_private_network_is_public_in_any_of_its_forms(number: int) -> None:
    plain = str(ip_address(number))
    assert not is_public(plain)
    for form in (f"::ffff:{plain}", f"::{plain}", f"64:ff9b::{plain}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::"):
        assert not is_public(form)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "0",
    "localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "169.254.169.254",
    "0xa9fea9fe", "2852039166", "192.168.0.1", "10.1", "１２７.0.0.1", "[64:ff9b::127.0.0.1]", "127。0。0。1",
])  # fmt: skip
def test_this_machine_and_its_network_are_refused_however_they_are_written(host: str) -> None:
    """With the machine's own resolver: it is what knows all these forms."""
    with pytest.raises(NotPublic) as refused:
        public_addresses(place_of(f"http://{host}/stoc.csv"), look_up)
    assert "dosarul urmărit" in refused.value.text("ro")


@pytest.mark.parametrize("found", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1", "8.8.8.8"]])
def test_a_name_of_which_one_address_is_private_is_refused(found: list[str]) -> None:
    with pytest.raises(NotPublic):
        public_addresses(place_of("https://furnizor.example/"), lambda *_: found)


def test_a_name_that_nobody_knows_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError

    for resolve in (unknown, lambda *_: []):
        with pytest.raises(UnknownHost, match=r"furnizor\.example"):
            public_addresses(place_of("https://furnizor.example/"), resolve)


@pytest.mark.parametrize("url", [
    "", "stoc.csv", "/etc/passwd", "file:///etc/passwd", "file://localhost/etc/passwd", "gopher://furnizor.example/",
    "ftp://furnizor.example/a.csv", "dict://furnizor.example:11211/", "javascript:alert(1)", "//furnizor.example/a",
    "https://", "https:///a.csv", "https://furnizor.example:port/", "https://furnizor.example:99999/",
    "https://furnizor.example/a b", "https://furnizor.example\\@10.0.0.1/", "https://furnizor.example/\r\nHost: a",
    "https://furnizor.example/\t", "https://[::1", "https://[fe80::1%25eth0]/", "https://fur nizor/", "https://a..b/",
    f"https://furnizor.example/{'a' * 3000}", f"https://{'a' * 64}.example/", "https://furnizor.exa<mple/", "http://-a/",
])  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(NotAnAddress):
        place_of(url)


@pytest.mark.parametrize("url", ["https://ana:secret@furnizor.example/", "http://ana@furnizor.example/",
                                 "http://8.8.8.8@127.0.0.1/", "http://@furnizor.example/"])  # fmt: skip
def test_a_password_has_no_place_in_the_address(url: str) -> None:
    with pytest.raises(PasswordInAddress):
        place_of(url)


@pytest.mark.parametrize("port", [0, 21, 22, 25, 110, 445, 993, 1023])
def test_other_services_of_a_machine_are_not_asked(port: int) -> None:
    with pytest.raises(PortNotAsked, match=str(port)):
        place_of(f"http://furnizor.example:{port}/")


@pytest.mark.parametrize(("url", "port"), [
    ("http://a.example", 80), ("https://a.example/", 443), ("http://a.example:443/", 443),
    ("https://a.example:8443/x", 8443),
])  # fmt: skip
def test_usual_ports_and_high_ones_are(url: str, port: int) -> None:
    assert place_of(url).port == port


def test_the_parts_of_an_address_are_as_the_web_wants_them() -> None:
    place = place_of("https://Preţuri.example/liste/stoc de azi.csv".replace(" ", "%20") + "?key=ă&b=1#here")
    assert (place.host, place.target) == ("xn--preuri-rkb.example", "/liste/stoc%20de%20azi.csv?key=%C4%83&b=1")


def test_what_may_be_a_key_is_not_shown() -> None:
    assert shown("https://a.example/stoc.csv?key=SECRET") == "https://a.example/stoc.csv?…"
    assert shown("https://a.example/stoc.csv") == "https://a.example/stoc.csv"
