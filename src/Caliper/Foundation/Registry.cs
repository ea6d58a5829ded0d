using System.Collections.Immutable;

namespace Caliper;

/// <summary>
/// What is built in, and what users added: found by name. Any thread may add and look up at any time; what was added stays.
/// </summary>
/// <param name="builtIn">The entries that are always there.</param>
/// <param name="namesOf">The names that must lead to one entry only.</param>
internal sealed class Registry<T>(ImmutableArray<T> builtIn, Func<T, IEnumerable<string>> namesOf) where T : class
{
    private ImmutableArray<T> _entries = builtIn;

    /// <summary>Everything, in the order in which it came.</summary>
    public ImmutableArray<T> All => _entries;

    /// <summary>Adds an entry; an equal one that is there already is enough.</summary>
    /// <exception cref="CaliperException">A name is taken by another entry, or is none that files and command lines can carry.</exception>
    public void Add(T entry)
    {
        foreach (var name in namesOf(entry))
        {
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                throw new CaliperException($"\"{name}\" cannot be a name here: it must be made of letters, digits, '-', '_' and '.'.");
        }
        ImmutableInterlocked.Update(ref _entries, With, entry);
    }

    private ImmutableArray<T> With(ImmutableArray<T> entries, T entry)
    {
        foreach (var other in entries)
        {
            if (other.Equals(entry)) return entries;
            if (namesOf(other).Intersect(namesOf(entry), StringComparer.Ordinal).FirstOrDefault() is { } taken)
                throw new CaliperException($"{entry.GetType()} needs another name: \"{taken}\" is {other.GetType()} already.");
        }
        return entries.Add(entry);
    }
}
