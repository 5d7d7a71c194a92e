//! What LLVM writes: see make.sh.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

static SINK: AtomicU64 = AtomicU64::new(0);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

#[inline(always)]
fn mix(x: u64) -> u64 {
    (x ^ (x >> 29)).wrapping_mul(6364136223846793005)
}

mod turns {
    #[inline(always)]
    pub fn twice(x: u64) -> u64 {
        let once = super::mix(x);
        super::mix(once.wrapping_add(1))
    }
}

#[inline(never)]
fn round(n: u64) -> u64 {
    let mut x = n;
    for i in 0..n {
        x = turns::twice(x).rotate_left(i as u32);
        if SINK.load(Relaxed) == x {
            x = mix(x.wrapping_add(3));
        }
    }
    x
}

#[no_mangle]
pub extern "C" fn _start() -> ! {
    SINK.store(turns::twice(round(7)), Relaxed);
    loop {}
}
