def test_callback_needs_the_state(client):
    # The code of a login is no key of a function.
    answer = client.get("/signin-oidc?code=0.AXoAq3lCk0Zb7UKc-1fJ2mTn0w&state=")
    assert answer.status_code == 400
