"""The eight steps of `/side-by-side/`: the same title, order and kind of request on both sides."""

from authcompare.pages.seen import session_let_in, token_let_in, token_still_let_in
from authcompare.pages.steps import BRIEF_SECONDS, LOGIN, Ask, Being, Side, Step

WRONG = "Refused: username or password is wrong."
LOCKED = "Refused: too many wrong passwords. The answer says how many seconds to wait."
STRANGER = "Refused: no login that counts came with this request."
OUT_OF_REACH = (
    "Not done. The session lies in the memory of the one process that made it (SESSION_STORE=memory): there "
    "is no row in which its time-out could be moved, or another device could end it."
)
NEW_SESSION = Ask("POST", "/sessions/login/", LOGIN)
NEW_TOKENS = Ask("POST", "/tokens/login/", LOGIN)
REFRESH = Ask("POST", "/tokens/refresh/", {"refresh": "{refresh}"})
LOGIN_SESSION = {
    "200": "Logged in. The server wrote down a new session; its name, a random value, comes back.",
    "401": WRONG,
    "429": LOCKED,
}
LOGIN_TOKEN = {
    "200": "Logged in. The server signed two tokens: one that says who you are, one that gets the next pair.",
    "401": WRONG,
    "429": LOCKED,
}

STEPS = [
    Step(
        1,
        "Log in",
        Being.NOTHING,
        Being.LIVE,
        {
            "session": Side(("The server creates the session",), (NEW_SESSION,), LOGIN_SESSION),
            "token": Side(("The server makes the tokens",), (NEW_TOKENS,), LOGIN_TOKEN),
        },
        shows=(2,),
    ),
    Step(
        2,
        "Keep it",
        Being.NOTHING,
        Being.LIVE,
        {
            "session": Side(
                ("The cookie comes back", "The browser stores it, out of reach of scripts"),
                (NEW_SESSION,),
                LOGIN_SESSION
                | {
                    "200": "The answer says Set-Cookie, and the browser keeps the cookie by itself. No "
                    "script of the page sees it, and none has to do anything."
                },
            ),
            "token": Side(
                ("The tokens come back", "The client stores them where it likes"),
                (NEW_TOKENS,),
                LOGIN_TOKEN
                | {
                    "200": "The tokens came in the body, so the client has to find a place for them. This "
                    "page keeps them in its memory: a reload throws them away."
                },
            ),
        },
        shows=(1,),
    ),
    Step(
        3,
        "Call the notes",
        Being.LIVE,
        Being.LIVE,
        {
            "session": Side(
                ("The cookie goes out by itself", "The server looks the session up"),
                (Ask("GET", "/sessions/notes/"),),
                {"200": session_let_in, "401": STRANGER},
            ),
            "token": Side(
                (
                    "The header goes out, put there by the script",
                    "The server checks the signature, at first sight",
                ),
                (Ask("GET", "/tokens/notes/"),),
                {"200": token_let_in, "401": STRANGER},
            ),
        },
    ),
    Step(
        4,
        "Write a note",
        Being.LIVE,
        Being.LIVE,
        {
            "session": Side(
                ("The browser would send the cookie for any site, so a CSRF token must prove intent",),
                (Ask("POST", "/sessions/notes/", {"text": "Written by session"}),),
                {
                    "201": "Written. Because cookies go out by themselves, the request also had to carry a "
                    "CSRF token, which another site cannot read.",
                    "401": STRANGER,
                    "403": "Refused: the CSRF token is missing or wrong.",
                },
            ),
            "token": Side(
                ("Nothing goes out by itself, so nothing more is needed",),
                (Ask("POST", "/tokens/notes/", {"text": "Written by token"}),),
                {
                    "201": "Written. No CSRF token: another site cannot make the browser send this header.",
                    "401": STRANGER,
                },
            ),
        },
    ),
    Step(
        5,
        "Let it expire",
        Being.LIVE,
        Being.EXPIRED,
        {
            "session": Side(
                ("The lab moves the time-out in the server's row to now",),
                (Ask("POST", "/side-by-side/session/expire/"), Ask("GET", "/sessions/notes/")),
                {
                    "204 401": "Refused. The time-out stands in the server's row, so the lab could bring it "
                    "forward; the cookie is the same as before and worth nothing.",
                    "404 200": OUT_OF_REACH,
                    "404": OUT_OF_REACH,
                },
            ),
            "token": Side(
                (f"The lab has to hand out another token, one for {BRIEF_SECONDS} seconds, and wait",),
                (
                    Ask(
                        "POST",
                        "/side-by-side/token/expire/",
                        {"refresh": "{refresh}"},
                        wait=BRIEF_SECONDS + 1,
                    ),
                    Ask("GET", "/tokens/notes/"),
                ),
                {
                    "200 401": "Refused. The time stands in the token, under the signature: the server "
                    "cannot shorten one it has given out. So the lab made another, for "
                    f"{BRIEF_SECONDS} seconds, and this page waited for its end."
                },
            ),
        },
    ),
    Step(
        6,
        "Refresh",
        Being.EXPIRED,
        Being.LIVE,
        {
            "session": Side(
                ("There is nothing to refresh: every request had pushed the time-out",),
                (NEW_SESSION,),
                LOGIN_SESSION
                | {
                    "200": "A new session. Every request pushes the time-out of a session, so there is "
                    "nothing to refresh; once it has passed, only the password helps.",
                    "404": OUT_OF_REACH,
                },
            ),
            "token": Side(
                ("The refresh token gets a new pair, without the password",),
                (REFRESH,),
                {
                    "200": "A new pair, without the password. The refresh token just used is spent: whoever "
                    "shows it again later has a copy, and that ends the whole login.",
                    "401": "Refused: this refresh token gives nothing any more.",
                },
            ),
        },
    ),
    Step(
        7,
        "End it elsewhere",
        Being.LIVE,
        Being.ENDED,
        {
            "session": Side(
                ("Another device ends this login", "The lab plays the other device"),
                (Ask("POST", "/side-by-side/session/end/"),),
                {
                    "204": "Ended. The row says so now, and a mark in Redis, where there is one, tells all.",
                    "404": OUT_OF_REACH,
                },
            ),
            "token": Side(
                ("Another device ends this login", "The lab plays the other device"),
                (Ask("POST", "/side-by-side/token/end/"),),
                {
                    "204": "Ended. The row says so now: the refresh token is dead. The access token is in "
                    "the client's hands; whether anybody asks the row is what the next step shows."
                },
            ),
        },
    ),
    Step(
        8,
        "Try again",
        Being.ENDED,
        Being.ENDED,
        {
            "session": Side(
                ("The cookie goes out", "The server looks it up, and finds that it has ended"),
                (Ask("GET", "/sessions/notes/"),),
                {
                    "401": "Refused at once. The server looked, and told the browser to drop the cookie.",
                    "200": "Still let in: the end had not reached this server.",
                    "404": OUT_OF_REACH,
                },
            ),
            "token": Side(
                ("The header goes out", "The signature is still right; the refresh token is dead"),
                (Ask("GET", "/tokens/notes/"), REFRESH),
                {
                    "200 401": token_still_let_in,
                    "401 401": "Refused at once: this server asks about every token (TOKEN_CHECK), which "
                    "costs a look-up, like a session.",
                },
            ),
        },
    ),
]
BY_NUMBER = {step.number: step for step in STEPS}
