import pytest

from listener.markup import first_link, plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<br>two</p><p>Three</p>", "One\ntwo\n\nThree"),
        ("&lt;b&gt; &amp; &quot;quotes&quot; &#x1F6B2;", '<b> & "quotes" 🚲'),
        ("<p>spread \n  over\nlines</p>", "spread over lines"),
        ("<ul><li>first</li><li>second</li></ul>", "first\nsecond"),
        ("seen<script>alert(1)</script> only", "seen only"),
        ("<p>never closed <b>bold", "never closed bold"),
        ("", ""),
    ],
)
def test_markup_becomes_what_people_see(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ('<a href="https://shop.example/a?x=1&amp;y=2">https://shop.example/a?x=1&amp;y=2</a>', "https://shop.example/a?x=1&y=2"),
        (
            '<a href="https://shop.example/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">shop.example/lo</span><span class="invisible">ng/path</span></a>',
            "https://shop.example/long/path",
        ),
        ('<a href="https://shop.example/">shop.example</a>', "https://shop.example/"),
        ('<a href="https://shop.example/sale">our sale</a>', "our sale (https://shop.example/sale)"),
        ('<a href="https://a.example/@ada" class="u-url mention">@<span>ada</span></a>', "@ada"),
        ('<a href="https://a.example/tags/bike" class="mention hashtag">#<span>bike</span></a>', "#bike"),
        ('<a href="https://a.example/t">#bike</a>', "#bike"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="https://shop.example/x"><img src="y"></a>', "https://shop.example/x"),
    ],
)  # fmt: skip
def test_links_keep_their_address(shown: str, text: str) -> None:
    assert plain_text(f"<p>See {shown} now</p>") == f"See {text} now"


@pytest.mark.parametrize(
    ("html", "link"),
    [
        ('<a href="https://ada.example" rel="me">ada.example</a>', "https://ada.example"),
        ("https://ada.example/", "https://ada.example/"),
        ("she/her", ""),
    ],
)
def test_the_first_link_is_found(html: str, link: str) -> None:
    assert first_link(html) == link
