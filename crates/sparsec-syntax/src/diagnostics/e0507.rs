use super::prelude::*;

code! {
    /// The format of the file, or the type of its entries, is not supported. Read are `.npy`, `.npz` and
    /// `.csv` (also by the names `.tsv` and `.txt`), with real entries. Pickled objects are refused: reading one would run code.
    ///
    /// Convert the file, for example with `numpy.save(path, array.astype("float64"))`.
    E0507, Data, "unsupported kind of file"
}
