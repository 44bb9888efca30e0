//! Whole conversations with a scripted model, without a network.
