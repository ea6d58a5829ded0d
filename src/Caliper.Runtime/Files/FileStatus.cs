using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Caliper.Files;

/// <summary>Asks the system which file a path leads to: .NET does not tell a file's number.</summary>
internal static unsafe partial class FileStatus
{
    private const int WorkingFolder = -100;
    private const uint TypeAndNumber = 0x1 | 0x100;

    private const uint ShareAll = 7, OpenExisting = 3, AlsoFolders = 0x02000000, FolderAttribute = 0x10;

    /// <summary>By <c>statx</c>, whose record is the same on every processor.</summary>
    [SupportedOSPlatform("linux")]
    public static FileIdentity? OfLinux(string path)
    {
        Span<byte> record = stackalloc byte[256];
        fixed (byte* start = record)
            if (StatusOfLinux(WorkingFolder, path, 0, TypeAndNumber, start) != 0) return null;
        // stx_mode, stx_ino, stx_dev_major and stx_dev_minor.
        var device = (ulong)MemoryMarshal.Read<uint>(record[136..]) << 32 | MemoryMarshal.Read<uint>(record[140..]);
        return new(KindOf(MemoryMarshal.Read<ushort>(record[28..])), device, MemoryMarshal.Read<ulong>(record[32..]));
    }

    /// <summary>By <c>stat</c> with 64-bit numbers, which x64 keeps under a name of its own.</summary>
    [SupportedOSPlatform("macos")]
    public static FileIdentity? OfMac(string path)
    {
        Span<byte> record = stackalloc byte[256];
        fixed (byte* start = record)
        {
            var isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64;
            if ((isArm ? StatusOfMac(path, start) : StatusOfMacX64(path, start)) != 0) return null;
        }
        // st_dev, st_mode and st_ino.
        return new(KindOf(MemoryMarshal.Read<ushort>(record[4..])), MemoryMarshal.Read<uint>(record), MemoryMarshal.Read<ulong>(record[8..]));
    }

    /// <summary>By the numbers of an open handle.</summary>
    [SupportedOSPlatform("windows")]
    public static FileIdentity? OfWindows(string path)
    {
        using var handle = CreateFile(Path.GetFullPath(path), 0, ShareAll, 0, OpenExisting, AlsoFolders, 0);
        if (handle.IsInvalid) return null;
        Span<byte> record = stackalloc byte[52];
        fixed (byte* start = record)
            if (GetFileInformationByHandle(handle, start) == 0) return new(FileKind.Special, 0, 0, path);
        var number = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(record[44..]) << 32 | BinaryPrimitives.ReadUInt32LittleEndian(record[48..]);
        var isFolder = (BinaryPrimitives.ReadUInt32LittleEndian(record) & FolderAttribute) != 0;
        return new(isFolder ? FileKind.Folder : FileKind.File, BinaryPrimitives.ReadUInt32LittleEndian(record[28..]), number);
    }

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.File,
        0x4000 => FileKind.Folder,
        _ => FileKind.Special,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOfLinux(int folder, string path, int flags, uint mask, byte* record);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOfMac(string path, byte* record);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOfMacX64(string path, byte* record);

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint creation, uint flags, nint template);

    [LibraryImport("kernel32")]
    private static partial int GetFileInformationByHandle(SafeFileHandle file, byte* record);
}
