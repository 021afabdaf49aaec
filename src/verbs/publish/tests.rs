use super::*;

fn parse(words: &[&str]) -> Result<Option<Words>> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    Words::parse(&words)
}

#[test]
fn words_are_read_in_any_order() {
    let expected = Words {
        site: "site/publish".into(),
        directory: "/srv/www".into(),
        sign_by: Some("me@example.com".to_owned()),
        no_sign: false,
        signatures: Some("ACIs".into()),
    };
    for words in [
        &[
            "site/publish",
            "--sign-by",
            "me@example.com",
            "--signatures",
            "ACIs",
            "/srv/www",
        ][..],
        &[
            "site/publish",
            "/srv/www",
            "--signatures=ACIs",
            "--sign-by=me@example.com",
        ],
    ] {
        assert_eq!(parse(words).unwrap().unwrap(), expected);
    }
    assert!(parse(&["site", "--help"]).unwrap().is_none());
}

#[test]
fn what_is_not_understood_is_told() {
    for (words, told) in [
        (&["site"][..], "the directory is missing"),
        (&["site", ""], "the directory is missing"),
        (
            &["site", "a", "b"],
            "publish does not know what \"b\" is for",
        ),
        (&["site", "a", "--sing"], "publish does not know \"--sing\""),
        (
            &["site", "a", "--sign-by"],
            "--sign-by wants a key behind it",
        ),
        (
            &["site", "--sign-by", "--no-sign"],
            "--sign-by wants a key behind it",
        ),
        (
            &["site", "a", "--no-sign=yes"],
            "--no-sign takes nothing, and \"yes\" is behind it",
        ),
        (
            &["site", "a", "--no-sign", "--sign-by=k"],
            "leave it out, or the others",
        ),
    ] {
        let error = parse(words).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
