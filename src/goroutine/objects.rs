//! What the frames of a goroutine work on: the addresses that a dump shows as first arguments.

use super::Goroutine;

/// What a frame works on: the address that is its first argument, most often a method's receiver. Goroutines of one dump
/// that share an address work on one object, such as the two loops of a connection. An object that has been freed may have
/// left its address to another, so that only goroutines which are alive together say something by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// Index into the goroutine's frames; 0 is the innermost.
    pub frame: usize,
    /// The address.
    pub address: u64,
}

/// Go's heap lies above this on 64-bit systems; below it a first argument is more likely a number than a pointer.
const LOWEST_HEAP: u64 = 1 << 36;

impl Goroutine {
    /// What its frames work on, innermost first: receivers of methods, and what looks like a pointer into the heap. What Go
    /// marks as perhaps not live (`0xc000102030?`) and what it does not print (inlined frames) is left out, and so is all of generic
    /// functions: there Go prints what happens to lie where it looks for the argument.
    pub fn objects(&self) -> Vec<Object> {
        let object = |(frame, call): (usize, &super::Frame)| {
            if call.func.as_str().contains('[') {
                return None;
            }
            let first = call.args.as_deref()?.split(',').next()?.strip_prefix("0x")?;
            let address = u64::from_str_radix(first, 16).ok()?;
            let receiver = call.func.as_str().contains(".(*") && address > u64::from(u16::MAX);
            (receiver || address >= LOWEST_HEAP).then_some(Object { frame, address })
        };
        self.frames.iter().enumerate().filter_map(object).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::goroutine::parse_block;

    #[test]
    fn only_what_is_a_pointer_for_certain_is_an_object() {
        let block = "goroutine 7 [sleep]:\ntime.Sleep(0x3b9aca00)\n\t/t.go:1 +0x1\nm.(*T).inlined(...)\n\t/m.go:1\n\
            m.(*T).loop(0xc000102030, 0x1)\n\t/m.go:2 +0x1\nm.(*T).old(0xc000102030?)\n\t/m.go:3 +0x1\n\
            m.read(0xc000104000)\n\t/m.go:4 +0x1\nm.(*G).global(0x5ab3f0)\n\t/m.go:5 +0x1\nm.(*C[...]).Len(0xc000106000)\n\t/m.go:6 +0x1\nm.Nil.(*T).f(0x0)\n\t/m.go:6 +0x1\n";
        let objects = parse_block(block).expect("a block").objects();
        let seen: Vec<_> = objects
            .iter()
            .map(|object| (object.frame, object.address))
            .collect();
        assert_eq!(
            seen,
            [(2, 0x00c0_0010_2030), (4, 0x00c0_0010_4000), (5, 0x005a_b3f0)]
        );
    }
}
