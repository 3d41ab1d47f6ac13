//! Why an alert is there, in the reader's language.
