//! URLs: redirects, credentials, limits.

use crate::run::{command, leakgate, ok, server};
use std::sync::mpsc;
use support::Said;

const DUMP: &str = "goroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1\n";

#[test]
fn a_redirect_within_the_host_is_followed_and_one_to_another_is_not() {
    let url = server(|head| match head.split(' ').nth(1).unwrap_or_default() {
        "/here" => b"HTTP/1.1 302 Found\r\nLocation: /there\r\nConnection: close\r\n\r\n".to_vec(),
        "/away" => {
            b"HTTP/1.1 302 Found\r\nLocation: http://localhost:1/x\r\nConnection: close\r\n\r\n".to_vec()
        }
        "/round" => b"HTTP/1.1 302 Found\r\nLocation: /round\r\nConnection: close\r\n\r\n".to_vec(),
        _ => ok(DUMP),
    });
    let said = leakgate(&["dump", &format!("{url}/here"), "--no-config"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = leakgate(&["dump", &format!("{url}/away"), "--no-config"]);
    assert!(
        said.code == Some(2) && said.err.contains("redirects to another host (localhost)"),
        "{}",
        said.err
    );
    let missing =
        server(|_| b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec());
    let said = leakgate(&["dump", &missing, "--no-config"]);
    assert!(
        said.code == Some(2)
            && said
                .err
                .contains("the server answered 404; does the service import net/http/pprof"),
        "{}",
        said.err
    );
    let said = leakgate(&["dump", &format!("{url}/round"), "--no-config"]);
    assert!(said.err.contains("redirects more than 5 times"), "{}", said.err);
}

#[test]
fn headers_are_sent_and_nothing_secret_is_printed() {
    let (tell, heads) = mpsc::channel();
    let url = server(move |head| {
        tell.send(head.to_owned()).unwrap();
        match head.contains("Bearer s3cret") {
            true => ok(DUMP),
            false => b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        }
    });
    let url = format!("{url}/dump?token=t0ken");
    let denied = leakgate(&["dump", &url, "--no-config"]);
    assert!(
        denied.code == Some(2) && denied.err.contains("401; pass credentials with --header"),
        "{}",
        denied.err
    );
    let by_flag = leakgate(&[
        "dump",
        &url,
        "--no-config",
        "--header",
        "Authorization: Bearer s3cret",
    ]);
    let mut by_env = command(&["dump", &url, "--no-config"]);
    by_env.env("LEAKGATE_HEADER", "X-A: b\nAuthorization: Bearer s3cret");
    let by_env = Said::of(&mut by_env);
    let wrong = leakgate(&["dump", &url, "--no-config", "--header", "s3cret"]);
    assert_eq!(wrong.code, Some(2));
    for said in [&denied, &by_flag, &by_env, &wrong] {
        for text in [&said.out, &said.err] {
            assert!(!text.contains("s3cret") && !text.contains("t0ken"), "{text}");
        }
    }
    assert_eq!(
        (by_flag.code, by_env.code),
        (Some(0), Some(0)),
        "{}{}",
        by_flag.err,
        by_env.err
    );
    let heads: Vec<String> = heads.try_iter().collect();
    assert!(heads[2].to_ascii_lowercase().contains("x-a: b\r\n"), "{heads:?}");
    let inside = leakgate(&["dump", "http://me:s3cret@127.0.0.1:1/", "--no-config"]);
    assert!(
        inside.err.contains("holds credentials") && !inside.err.contains("s3cret"),
        "{}",
        inside.err
    );
}

#[test]
fn help_does_not_show_the_headers_of_the_environment() {
    let mut help = command(&["dump", "--help"]);
    help.env("LEAKGATE_HEADER", "Authorization: Bearer s3cret");
    let said = Said::of(&mut help);
    assert!(
        said.out.contains("LEAKGATE_HEADER") && !said.out.contains("s3cret"),
        "{}",
        said.out
    );
}

#[test]
fn an_answer_too_large_or_too_slow_is_cut_off_and_said() {
    let large = server(|_| {
        let body = format!("{DUMP}\n").repeat(100_000);
        ok(&body)
    });
    let said = leakgate(&[
        "dump",
        &format!("{large}/x"),
        "--no-config",
        "--max-size",
        "1",
        "--top",
        "1",
    ]);
    assert_eq!(said.code, Some(5), "{}", said.err);
    assert!(
        said.out.contains("could not be read to its end"),
        "{}",
        &said.out[..500.min(said.out.len())]
    );
    let slow = server(|_| {
        std::thread::sleep(std::time::Duration::from_secs(5));
        ok(DUMP)
    });
    let said = leakgate(&["dump", &format!("{slow}/x"), "--no-config", "--timeout", "300ms"]);
    assert!(
        said.code == Some(2) && said.err.contains("no answer in time"),
        "{}",
        said.err
    );
}

#[test]
fn other_schemes_are_refused() {
    for url in ["ftp://x/y", "file:///etc/passwd", "gopher://x"] {
        let said = leakgate(&["dump", url, "--no-config"]);
        assert!(
            said.code == Some(2) && said.err.contains("is not an http or https URL"),
            "{}",
            said.err
        );
    }
}
