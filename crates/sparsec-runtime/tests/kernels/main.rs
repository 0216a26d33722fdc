//! Every kernel against a slower one that is written another way, and against its defining properties.

mod support;

mod box_row;
mod column_space;
mod cosine;
mod eigen;
mod factor;
mod groups;
mod linear;
mod omega;
mod products;
mod row_space;
mod simplex;
mod sparse_rows;
mod table;
mod twice;
