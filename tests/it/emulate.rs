//! The server of `alertdrill emulate`, over real sockets and never through alertdrill's own clients: first how it
//! treats what clients do on the wire, with a site that only echoes; then the emulated tenant behind it.

mod command;
mod control;
mod crowd;
mod guide;
mod hosts;
mod lab;
mod portal;
mod sensor;
mod server;
mod wire;
