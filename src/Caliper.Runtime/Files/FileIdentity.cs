using System.Runtime.InteropServices;

namespace Caliper.Files;

/// <summary>Which file or folder a path leads to, links followed: the same for all its names, hard links and aliases of its folder too.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The file system's number.</param>
/// <param name="Number">The number within the file system.</param>
/// <param name="Path">Where the system tells no numbers: the full path without links.</param>
internal readonly record struct FileIdentity(FileKind Kind, ulong Device, ulong Number, string? Path = null)
{
    /// <summary>What a path leads to; null where there is nothing.</summary>
    public static FileIdentity? Of(string path)
    {
        try
        {
            if (OperatingSystem.IsLinux()) return FileStatus.OfLinux(path);
            if (OperatingSystem.IsMacOS()) return FileStatus.OfMac(path);
            if (OperatingSystem.IsWindows()) return FileStatus.OfWindows(path);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException or MarshalDirectiveException)
        {
            // An old C library: names are compared instead.
        }
        return OfName(path);
    }

    /// <summary>Whether two paths are the same place, also one where nothing is yet.</summary>
    public static bool AreSame(string one, string other)
    {
        if (Of(one) is { } first) return Of(other) == first;
        if (Of(other) is not null) return false;
        var (a, b) = (WithoutLink(one), WithoutLink(other));
        var names = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return string.Equals(System.IO.Path.GetFileName(a), System.IO.Path.GetFileName(b), names)
            && System.IO.Path.GetDirectoryName(a) is { } here && System.IO.Path.GetDirectoryName(b) is { } there
            && (string.Equals(here, there, names) || (Of(here) is { } folder && Of(there) == folder));
    }

    /// <summary>The full path of what a link leads to in the end, whether it exists or not; a path that is no link stays.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string WithoutLink(string path)
    {
        var info = new FileInfo(path);
        return info.LinkTarget is null ? info.FullName : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? info.FullName;
    }

    private static FileIdentity? OfName(string path)
    {
        var full = WithoutLink(path);
        if (Directory.Exists(full)) return new(FileKind.Folder, 0, 0, full);
        if (!File.Exists(full)) return null;
        var isSpecial = (File.GetAttributes(full) & FileAttributes.Device) != 0;
        return new(isSpecial ? FileKind.Special : FileKind.File, 0, 0, full);
    }
}
