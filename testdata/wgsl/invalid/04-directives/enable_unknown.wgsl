enable warp_drive;
// error 1:8 extension "warp_drive" is not an extension of WGSL
