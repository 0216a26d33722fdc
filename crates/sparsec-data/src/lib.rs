//! Readers and writers of numerical data: npy, npz, CSV.
