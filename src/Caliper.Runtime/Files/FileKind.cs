namespace Caliper.Files;

/// <summary>What lies behind a path.</summary>
internal enum FileKind
{
    /// <summary>Bytes on a disk.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, a device or a socket: what is no file to replace.</summary>
    Special,
}
