using System.Diagnostics;
using Caliper.Files;

namespace Caliper.Runtime.Tests.Files;

public sealed class ReplacedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("caliper-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_link_stays_and_the_file_it_leads_to_is_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making links needs rights there");
        Directory.CreateDirectory(At("store"));
        File.WriteAllText(At("store/file"), "old");
        File.CreateSymbolicLink(At("second"), "store/file");
        File.CreateSymbolicLink(At("first"), "second");
        ReplacedFile.Write(At("first"), "new"u8);
        Assert.Equal("second", new FileInfo(At("first")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(At("store/file")));
        Assert.Single(Directory.GetFiles(At("store")));

        File.CreateSymbolicLink(At("dangling"), "store/other");
        ReplacedFile.Write(At("dangling"), "made"u8);
        Assert.Equal("made", File.ReadAllText(At("store/other")));
    }

    [Fact]
    public void Links_in_a_circle_are_one_sentence()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making links needs rights there");
        File.CreateSymbolicLink(At("a"), "b");
        File.CreateSymbolicLink(At("b"), "a");
        Assert.Contains("cannot be written", Assert.Throws<CaliperException>(() => ReplacedFile.Write(At("a"), "x"u8)).Message);
    }

    [Fact]
    public void Folders_pipes_and_devices_are_refused_and_stay()
    {
        Directory.CreateDirectory(At("folder"));
        Assert.Contains("is a folder", Assert.Throws<CaliperException>(() => ReplacedFile.Write(At("folder"), "x"u8)).Message);
        if (OperatingSystem.IsWindows()) return;
        using (var made = Process.Start("mkfifo", [At("pipe")])) made.WaitForExit();
        File.CreateSymbolicLink(At("null"), "/dev/null");
        foreach (var path in new[] { At("pipe"), At("null"), "/dev/null" })
            Assert.Contains("pipe or a device", Assert.Throws<CaliperException>(() => ReplacedFile.Write(path, "x"u8)).Message);
        Assert.Equal(FileKind.Special, FileIdentity.Of(At("pipe"))!.Value.Kind);
        Assert.Equal(["folder", "null", "pipe"], Names());
    }

    [Fact]
    public void Permissions_are_kept()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherExecute;
        File.WriteAllText(At("file"), "old");
        File.SetUnixFileMode(At("file"), mode);
        ReplacedFile.Write(At("file"), "new"u8);
        Assert.Equal(mode, File.GetUnixFileMode(At("file")));
    }

    [Fact]
    public void What_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not()
    {
        var left = At($".file.{Guid.NewGuid():N}.tmp");
        string[] others = [$".file2.{Guid.NewGuid():N}.tmp", ".file.mine.tmp", $"file.{Guid.NewGuid():N}.tmp"];
        File.WriteAllText(left, "half");
        foreach (var other in others) File.WriteAllText(At(other), "other");
        using var living = new ReplacedFile(At("file"));
        living.Stream.Write("late"u8);
        Assert.False(File.Exists(left));

        ReplacedFile.Write(At("file"), "early"u8);
        Assert.Equal("early", File.ReadAllText(At("file")));
        living.Commit();
        Assert.Equal("late", File.ReadAllText(At("file")));
        Assert.Equal([.. others.Append("file").Order(StringComparer.Ordinal)], Names());
    }

    [Fact]
    public void What_was_written_is_on_the_disk_before_it_has_its_name()
    {
        File.WriteAllText(At("file"), "old");
        WatchedStream? watched = null;
        using (var file = new ReplacedFile(At("file"), temporary => watched = new WatchedStream(temporary, () => File.ReadAllText(At("file")))))
        {
            file.Stream.Write("new"u8);
            Assert.Empty(watched!.Flushed);
            file.Commit();
        }
        // The length of what went to the disk, and what the name led to then.
        Assert.Equal([(3, "old")], watched.Flushed);
        Assert.Equal("new", File.ReadAllText(At("file")));
    }

    [Fact]
    public void Many_writers_at_once_leave_one_whole_file()
    {
        var texts = Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 100_000)).ToArray();
        Parallel.For(0, 64, i => ReplacedFile.Write(At("file"), System.Text.Encoding.ASCII.GetBytes(texts[i % 8])));
        Assert.Contains(File.ReadAllText(At("file")), texts);
        Assert.Equal(["file"], Names());
    }

    [Fact]
    public void A_file_is_the_same_by_all_its_names()
    {
        File.WriteAllText(At("a"), "");
        File.WriteAllText(At("b"), "");
        Assert.False(FileIdentity.AreSame(At("a"), At("b")));
        Assert.True(FileIdentity.AreSame(At("a"), At("./a")));
        Assert.True(FileIdentity.AreSame(At("none"), At("./none")));
        Assert.False(FileIdentity.AreSame(At("none"), At("a")));
        Assert.Null(FileIdentity.Of(At("none")));
        if (OperatingSystem.IsWindows()) return;
        using (var made = Process.Start("ln", [At("a"), At("hard")])) made.WaitForExit();
        Directory.CreateSymbolicLink(At("alias"), _folder);
        foreach (var name in new[] { "hard", "alias/a", "alias/hard" }) Assert.True(FileIdentity.AreSame(At("a"), At(name)));
        Assert.True(FileIdentity.AreSame(At("none"), At("alias/none")));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>A file that notes each time it is sent to the disk.</summary>
    private sealed class WatchedStream(string path, Func<string> named) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None)
    {
        public List<(long Length, string Named)> Flushed { get; } = [];

        public override void Flush(bool flushToDisk)
        {
            base.Flush(flushToDisk);
            if (flushToDisk) Flushed.Add((Length, named()));
        }
    }
}
