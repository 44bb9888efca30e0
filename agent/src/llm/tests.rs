//! Every list of units becomes a request that services take, and recorded streams become replies.
