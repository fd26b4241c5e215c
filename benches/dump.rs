//! Reading dumps: borrowed blocks and the whole model, from 1,000 to 100,000 goroutines.

use divan::counter::BytesCount;
use leakgate::goroutine::{RawBlock, Sink, scan};
use leakgate::goroutine::{fingerprint, parse};

fn main() {
    divan::main();
}

/// Four frames each, as a server's dump has them: about 240 bytes a goroutine.
fn dump(goroutines: u64) -> Vec<u8> {
    let mut text = String::from("goroutine 1 [running]:\nmain.main()\n\t/src/app/main.go:13 +0x1de\n");
    for id in 2..=goroutines {
        let state = ["select", "IO wait, 2 minutes", "chan receive"][(id % 3) as usize];
        text.push_str(&format!(
            "\ngoroutine {id} [{state}]:\nnet/http.(*persistConn).readLoop(0xc{id:08x})\n\t/usr/local/go/src/net/http/transport.go:2205 +0xd25\nexample.com/shop/cart.(*Store[...]).watch(...)\n\t/src/shop/cart/store.go:{}\ncreated by example.com/shop/cart.Open in goroutine 1\n\t/src/shop/cart/store.go:41 +0x16\n",
            id % 50
        ));
    }
    text.into_bytes()
}

#[derive(Default)]
struct Count(u64);
impl<'a> Sink<'a> for Count {
    fn goroutine(&mut self, block: &RawBlock<'a>) {
        self.0 += block.frames.len() as u64;
    }
    fn text(&mut self, _: &'a [u8]) {}
    fn lost(&mut self, _: &'a [u8]) {}
}

#[divan::bench(args = [1_000, 100_000])]
fn borrowed(bencher: divan::Bencher<'_, '_>, goroutines: u64) {
    let text = dump(goroutines);
    bencher.counter(BytesCount::of_slice(&text)).bench(|| {
        let mut count = Count::default();
        scan(&text, &mut count);
        count.0
    });
}

#[divan::bench(args = [1_000, 100_000])]
fn model(bencher: divan::Bencher<'_, '_>, goroutines: u64) {
    let text = dump(goroutines);
    bencher
        .counter(BytesCount::of_slice(&text))
        .bench(|| parse(&text));
}

#[divan::bench]
fn fingerprints(bencher: divan::Bencher<'_, '_>) {
    let dump = parse(&dump(1_000));
    bencher.bench(|| {
        dump.goroutines
            .iter()
            .map(|one| fingerprint("select", one).0.len())
            .sum::<usize>()
    });
}
