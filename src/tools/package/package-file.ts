/** A file of a package, or a symbolic link. */
export interface PackageFile {
  /** Below the prefix that the package is installed to, such as "share/man/man8/tool.8.gz". */
  readonly path: string;
  /** Permissions; a link has none. */
  readonly mode: number;
  readonly content: { readonly copyOf: string } | { readonly bytes: string | Uint8Array } | { readonly linkTo: string };
}
