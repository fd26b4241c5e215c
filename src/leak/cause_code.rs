//! The cause codes: one name per reason why a goroutine does not end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! cause_codes {
    ($( $variant:ident = $code:literal, )*) => {
        /// Why a goroutine does not end. The code is what users see, type and link to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum CauseCode {
            $( #[doc = concat!("`", $code, "`")] #[serde(rename = $code)] $variant, )*
        }
        impl CauseCode {
            /// Every code, in registry order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];
            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )* }
            }
        }
    };
}

cause_codes! {
    ReceiveNoSender = "receive-no-sender",
    RangeNeverClosed = "range-never-closed",
    SendNoReceiver = "send-no-receiver",
    SendBufferFull = "send-buffer-full",
    NilChannel = "nil-channel",
    SelectNoCase = "select-no-case",
    SelectEmpty = "select-empty",
    TickerLoop = "ticker-loop",
    SleepLoop = "sleep-loop",
    TimerPending = "timer-pending",
    BusyLoop = "busy-loop",
    MutexLocked = "mutex-locked",
    RwMutexLocked = "rwmutex-locked",
    WaitGroup = "waitgroup",
    Cond = "cond",
    Once = "once",
    CallWaits = "call-waits",
    ContextNotCancelled = "context-not-cancelled",
    NetworkIo = "network-io",
    HttpBodyNotClosed = "http-body-not-closed",
    HttpIdleConnection = "http-idle-connection",
    ListenerNotClosed = "listener-not-closed",
    ServerNotClosed = "server-not-closed",
    ClientNotClosed = "client-not-closed",
    SqlNotClosed = "sql-not-closed",
    FileIo = "file-io",
    PipeIo = "pipe-io",
    ProcessNotWaited = "process-not-waited",
    PipeHeld = "pipe-held",
    SignalHandler = "signal-handler",
    Coroutine = "coroutine",
    FinalizerStuck = "finalizer-stuck",
    Syscall = "syscall",
    Cgo = "cgo",
    Unknown = "unknown",
}

impl std::fmt::Display for CauseCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for CauseCode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no cause code"))
    }
}
